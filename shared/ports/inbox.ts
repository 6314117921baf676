import type { SessionKey } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import type { AnswerMessage } from "#core/session/messages.ts";

/** The queue of inputs that arrive asynchronously, grouped by session. Agents cannot reach it. */
export interface Inbox {
  send(key: SessionKey, input: Input): Promise<void>;
}

/** The queue that takes agents' answers, grouped by session; what it carries is read as an answer and nothing else. */
export interface AnswerQueue {
  send(answer: AnswerMessage): Promise<void>;
}
