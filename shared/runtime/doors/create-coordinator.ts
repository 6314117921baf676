import type { SpineError } from "#core/errors.ts";
import { isSpineError, messageOf } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { RETURNS } from "#core/returns.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";
import type { Input } from "#core/session/input.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { createAdvanceSession } from "../session/advance-session.ts";
import { createCheckAwaited } from "../session/check-awaited.ts";
import { checkData } from "../session/event-data.ts";
import { wrongToken } from "./wrong-token.ts";
import type { Engine } from "../session/engine.ts";
import { parseInboxMessage } from "./inbox-message.ts";
import { causeOf, type RefuseEvents } from "../intake/refused-event.ts";
import { parseAnswer } from "./agent-protocol.ts";
import { parseJson } from "../session/parse-json.ts";
import { refusalError } from "./refusal.ts";
import { rejectedAt, toldAt } from "./rejected.ts";
import { isRetryable } from "../session/retryable.ts";

/** A message of the inbox or of the answers queue. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was received by now. @default 1 */
  readonly receives?: number;
  /** When its queue took it, ms: the queue says so, not its sender. @default now */
  readonly sentAt?: number;
  /** Names the redrive by which it came once more. */
  readonly redrive?: string;
}

export interface CoordinatorOptions {
  /** Takes events of spine-in that their session refused. @default they are only reported */
  readonly refuse?: RefuseEvents;
}

export interface Coordinator {
  /**
   * Both give back the ids of the messages that must come again, in order: those whose infrastructure failed, what the inbox
   * holds that cannot be read, and those whose session a newer version has advanced, of which `awaitsNewer` is told. An answer
   * that cannot be read or does not prove its attempt is reported and dropped; one whose proof cannot be judged now comes again.
   */
  inbox(messages: readonly QueuedMessage[], awaitsNewer?: (id: string) => void): Promise<readonly string[]>;
  answers(messages: readonly QueuedMessage[], awaitsNewer?: (id: string) => void): Promise<readonly string[]>;
}

interface Arrived extends InboxMessage {
  readonly message: QueuedMessage;
}
interface Refused extends Arrived {
  readonly error: SpineError;
}

const isFromOutside = ({ kind }: Input): boolean => kind === "event" || kind === "human";

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
export function createCoordinator(engine: Engine, { refuse }: CoordinatorOptions = {}): Coordinator {
  const advance = createAdvanceSession(engine);
  const checkAwaited = createCheckAwaited(engine);

  const run = async (
    messages: readonly QueuedMessage[],
    readMessage: (body: string, message: QueuedMessage) => InboxMessage | Promise<InboxMessage>,
    unreadable: Unreadable,
    awaitsNewer?: (id: string) => void,
  ) => {
    const failed: string[] = [];
    const sessions = new Map<string, { readonly key: SessionKey; readonly arrived: Arrived[] }>();
    for (const message of messages) {
      try {
        const read = { message, ...(await readMessage(message.body, message)) };
        const name = sessionKeyText(read.key);
        const known = sessions.get(name) ?? { key: read.key, arrived: [] };
        known.arrived.push(read);
        sessions.set(name, known);
      } catch (error) {
        engine.onTrouble?.(error, `reading message ${message.id}: ${messageOf(error)}`);
        if (unreadable === "returned" || isRetryable(error)) failed.push(message.id);
      }
    }
    await Promise.all(
      [...sessions.values()].map(async ({ key, arrived }) => {
        const back = await advanceWith(key, arrived, awaitsNewer);
        failed.push(...back.map(({ message }) => message.id));
      }),
    );
    return messages.filter(({ id }) => failed.includes(id)).map(({ id }) => id);
  };

  /** Advances one session; gives back what must come again. */
  const advanceWith = async (
    key: SessionKey,
    arrived: readonly Arrived[],
    awaitsNewer?: (id: string) => void,
  ): Promise<readonly Arrived[]> => {
    const giveUpAt = engine.clock.now() + COMPETE_MS;
    try {
      const { known, refused } = await checked(key, arrived);
      const inputs = known.map(({ input }) => input);
      const outcomes =
        inputs.length === 0 ? [] : await advance(key, inputs, () => engine.clock.now() < giveUpAt);
      for (const [at, one] of known.entries()) {
        const error = await refusalOf(one, outcomes[at]?.verdict);
        if (error !== undefined) refused.push({ ...one, error });
      }
      return await giveUp(key, refused);
    } catch (error) {
      engine.onTrouble?.(error, `advancing ${sessionKeyText(key)}`);
      if (isSpineError(error, "log.other-version"))
        for (const { message } of arrived) awaitsNewer?.(message.id);
      // What a partial success committed is recognised when the messages come again.
      if (!isSpineError(error, "session.expired")) return arrived;
      return giveUp(
        key,
        arrived.filter(({ input }) => isFromOutside(input)).map((one) => ({ ...one, error })),
      );
    }
  };

  /** Looks once more at events that the application did not take when they came: it may be a newer one, or their session's runs older. */
  const checked = async (key: SessionKey, arrived: readonly Arrived[]) => {
    const known: Arrived[] = [];
    const refused: Refused[] = [];
    for (const one of arrived) {
      const { input, unchecked } = one;
      if (unchecked === undefined || input.kind !== "event") {
        known.push(one);
        continue;
      }
      try {
        const { data, ...doubt } = await checkData(engine.application, input.type, input.data);
        const event = { ...input, data };
        known.push({ ...one, input: "unfit" in doubt ? await checkAwaited(key, event, doubt.unfit) : event });
      } catch (error) {
        if (!isSpineError(error, "input.unknown-type") && !isSpineError(error, "input.schema")) throw error;
        refused.push({ ...one, error });
      }
    }
    return { known, refused };
  };

  /** Why an input was not taken as its sender meant it; also where the log says so. */
  const refusalOf = async (
    { key, envelope }: Arrived,
    verdict: Verdict | undefined,
  ): Promise<SpineError | undefined> => {
    switch (verdict?.type) {
      case "refused":
        return refusalError(verdict);
      case "committed":
        return verdict.disposition === "rejected" ? rejectedAt(verdict.sequence, verdict.reason) : undefined;
      case "duplicate": {
        // Whoever committed it may have died before it told anybody that it was rejected.
        if (envelope === undefined || refuse === undefined) return undefined;
        const told = await toldAt(engine.log, key, verdict.sequence);
        return told?.disposition === "rejected" ? rejectedAt(verdict.sequence, told.reason) : undefined;
      }
      case "nothing":
      case undefined:
        return undefined;
    }
  };

  /**
   * Ends what its session refused: an event of spine-in is a dead letter at once, as it came, unless a later time may take it.
   * Nobody waits for the refusal of anything else, such as a command for a run that has ended; what someone outside sent to a
   * session that retention has ended comes again until it is a dead letter of this queue.
   */
  const giveUp = async (key: SessionKey, refused: readonly Refused[]): Promise<readonly Arrived[]> => {
    const back: Arrived[] = [];
    const letters: Refused[] = [];
    for (const one of refused) {
      const { error, envelope, message, input } = one;
      engine.onTrouble?.(error, `an input of ${sessionKeyText(key)} is rejected`);
      if (envelope === undefined || refuse === undefined) {
        if (error.code === "session.expired" && isFromOutside(input)) back.push(one);
      } else if (error.retryable && (message.receives ?? 1) < RETURNS.inputs.receives) back.push(one);
      else letters.push(one);
    }
    if (refuse === undefined || letters.length === 0) return back;
    try {
      await refuse(
        letters.map(({ envelope, error }) => ({ body: JSON.stringify(envelope), cause: causeOf(error) })),
      );
      return back;
    } catch (error) {
      engine.onTrouble?.(error, `storing the rejected input of ${sessionKeyText(key)}`);
      // Decided again, they are refused again.
      return [...back, ...letters];
    }
  };

  const readAnswer = async (body: string, { sentAt }: QueuedMessage): Promise<InboxMessage> => {
    const { token, tenant, session, task, attempt, outcome } = parseAnswer(
      parseJson(body, "answer.malformed"),
    );
    if (!(await engine.tokens.verify({ tenant, session, task, attempt }, token))) throw wrongToken();
    const acceptedAt = sentAt ?? engine.clock.now();
    return { key: { tenant, session }, input: { kind: "answer", task, attempt, outcome, acceptedAt } };
  };

  return {
    // Written by the spine itself: the queue gives it up after its receives and keeps it in its dead-letter queue.
    inbox: (messages, awaitsNewer) => run(messages, parseInboxMessage, "returned", awaitsNewer),
    // Any agent may write here, in any session's group and name: what proves nothing must hold up nobody's answers.
    answers: (messages, awaitsNewer) => run(messages, readAnswer, "dropped", awaitsNewer),
  };
}
