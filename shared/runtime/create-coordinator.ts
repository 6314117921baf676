import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import { createAdvanceSession } from "./advance-session.ts";
import { wrongToken } from "./create-door.ts";
import type { Engine } from "./engine.ts";
import { parseInboxMessage } from "./inbox-message.ts";
import { parseAnswer, parseJson } from "./messages.ts";
import { isRetryable } from "./retryable.ts";

/** A message of the inbox or of the answers queue. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
}

export interface Coordinator {
  /**
   * Both give back the ids of the messages that must come again, in order: those whose infrastructure failed, and what the
   * inbox holds that cannot be read. An answer that cannot be read or does not prove its attempt is reported and dropped;
   * one whose proof cannot be judged now comes again.
   */
  inbox(messages: readonly QueuedMessage[]): Promise<readonly string[]>;
  answers(messages: readonly QueuedMessage[]): Promise<readonly string[]>;
}

/** What a message says, and to which session. */
interface Read {
  readonly key: SessionKey;
  readonly input: Input;
}

/** What becomes of a message that cannot be read, which no later try changes. */
type Unreadable = "returned" | "dropped";

/**
 * How long a batch competes for its session, whatever the number of lost races: what is given back comes again a second
 * later at the earliest, and is one receive nearer to the dead letters. The function may run 5 s.
 */
const COMPETE_MS = 2_000;

/**
 * Advances sessions with what the queues bring: sessions of a batch side by side, in order within each. The first
 * failure of a session returns that message and all later ones of the session, so that nothing overtakes.
 */
export function createCoordinator(engine: Engine): Coordinator {
  const advance = createAdvanceSession(engine);

  const run = async (
    messages: readonly QueuedMessage[],
    read: (body: string) => Read | Promise<Read>,
    unreadable: Unreadable,
  ) => {
    const failed: string[] = [];
    const sessions = new Map<
      string,
      { readonly key: SessionKey; readonly ids: string[]; readonly inputs: Input[] }
    >();
    for (const { id, body } of messages) {
      try {
        const { key, input } = await read(body);
        const known = sessions.get(sessionKeyText(key)) ?? { key, ids: [], inputs: [] };
        known.ids.push(id);
        known.inputs.push(input);
        sessions.set(sessionKeyText(key), known);
      } catch (error) {
        engine.onTrouble?.(error, `reading message ${id}: ${messageOf(error)}`);
        if (unreadable === "returned" || isRetryable(error)) failed.push(id);
      }
    }
    await Promise.all(
      [...sessions.values()].map(async ({ key, ids, inputs }) => {
        try {
          const giveUpAt = engine.clock.now() + COMPETE_MS;
          const outcomes = await advance(key, inputs, () => engine.clock.now() < giveUpAt);
          // Such as a command for a run that has ended: nobody waits for the refusal, and no event tells of it.
          for (const { verdict } of outcomes)
            if (verdict.type === "refused")
              engine.onTrouble?.(
                new SpineError(verdict.code, verdict.message),
                `an input of ${sessionKeyText(key)} is refused`,
              );
        } catch (error) {
          engine.onTrouble?.(error, `advancing ${sessionKeyText(key)}`);
          // What a partial success committed is recognised when the messages come again.
          failed.push(...ids.filter((_, at) => !isSettled(inputs[at], error)));
        }
      }),
    );
    return messages.filter(({ id }) => failed.includes(id)).map(({ id }) => id);
  };

  /** Retention has ended its session, so nobody waits for it; what someone outside sent is kept as a dead letter. */
  const isSettled = (input: Input | undefined, error: unknown): boolean =>
    isSpineError(error, "session.expired") && input?.kind !== "event" && input?.kind !== "human";

  const readAnswer = async (body: string) => {
    const { token, tenant, session, task, attempt, outcome } = parseAnswer(
      parseJson(body, "answer.malformed"),
    );
    if (!(await engine.tokens.verify({ tenant, session, task, attempt }, token))) throw wrongToken();
    return { key: { tenant, session }, input: { kind: "answer", task, attempt, outcome } as const };
  };

  return {
    // Written by the spine itself: the queue gives it up after its receives and keeps it in its dead-letter queue.
    inbox: (messages) => run(messages, parseInboxMessage, "returned"),
    // Any agent may write here, in any session's group and name: what proves nothing must hold up nobody's answers.
    answers: (messages) => run(messages, readAnswer, "dropped"),
  };
}
