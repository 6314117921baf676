import type { SessionKey } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import type { Input } from "#core/session/input.ts";
import type { AnswerMessage } from "#core/session/messages.ts";

/** An input on its way to its session. */
export interface InboxMessage {
  readonly key: SessionKey;
  readonly input: Input;
  /** The event of spine-in that it was: what is refused becomes a dead letter as it came. */
  readonly envelope?: JsonObject;
  /** The application does not take the event as it is: only a run that began under an older one may. */
  readonly unchecked?: true;
  /** Names the redrive by which it comes once more: without it, what was delivered minutes ago is delivered to nobody. */
  readonly redrive?: string;
}

/**
 * The queue of inputs that arrive asynchronously, grouped by session. Only intake and recovery can reach it, and what kind an
 * input is, they say.
 */
export interface Inbox {
  /** Sends all, those of a session in this order, or throws. Sending them again is harmless. */
  send(...messages: readonly InboxMessage[]): Promise<void>;
}

/** The queue that takes agents' answers, grouped by session; what it carries is read as an answer and nothing else. */
export interface AnswerQueue {
  send(answer: AnswerMessage): Promise<void>;
}
