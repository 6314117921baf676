import * as z from "zod/mini";
import { problemError, SpineError } from "#core/errors.ts";
import { canonicalJson, type Json } from "#core/json.ts";
import type { SessionKey } from "#core/ids.ts";
import { isSpeakable, parseSessionId, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import type { IdentifiedInput } from "#core/session/input.ts";
import type { CommitNotices } from "#ports/session-log.ts";
import type { TenantQuota, WaitRoom } from "#ports/tenant-quota.ts";
import { createAdvanceSession } from "../session/advance-session.ts";
import { contentionPauseMs } from "../session/contention-pause.ts";
import { createCheckAwaited } from "../session/check-awaited.ts";
import type { Outcome } from "../session/decide-batch.ts";
import type { Engine } from "../session/engine.ts";
import { json, nameText, parseWith } from "../session/messages.ts";
import { checkBody, readEvent, takeQuota, type Caller } from "./read-event.ts";
import { readSignal } from "./read-signal.ts";
import { refusalError } from "./refusal.ts";
import { rejectedAt, toldAt, toldOf, willBeAnswered, type Told } from "./rejected.ts";
import { awaitReply, type Reply } from "./await-reply.ts";
import { createReplyTimes } from "./reply-times.ts";
import type { ListedReads } from "./http/listed-reads.ts";
import type { ScoreReads } from "./http/score-reads.ts";
import type { OpenAsk } from "./http/open-asks.ts";

export interface Accepted {
  readonly session: string;
  readonly id: string;
  /** The committed sequence. */
  readonly sequence: number;
  /** It was in the log before. */
  readonly duplicate: boolean;
  /** What became of an event or a signal at first sight. A person's answer and a command have none. */
  readonly disposition?: Told["disposition"];
  /** Why a signal reaches nobody. */
  readonly reason?: string;
  readonly reply?: Reply;
  /** Who waits need not: its run waits for people to answer these. */
  readonly asks?: readonly OpenAsk[];
}

export interface Ingress {
  /**
   * Takes a producer's event, and waits for the reply at most `waitMs`, and no longer than the time `until`. How long may be found out
   * while the event is taken.
   */
  send(
    caller: Caller,
    session: string,
    body: unknown,
    waitMs?: number | Promise<number>,
    until?: number,
  ): Promise<Accepted>;
  /** Takes a person's answer to an open question. */
  answerHuman(
    caller: Caller,
    session: string,
    ask: string,
    body: unknown,
    waitMs?: number,
  ): Promise<Accepted>;
  /** Takes what somebody tells agents at work. */
  signal(caller: Caller, session: string, body: unknown): Promise<Accepted>;
  /** Takes an operator's command. */
  command(caller: Caller, session: string, body: unknown): Promise<Accepted>;
}

const humanSchema = z.strictObject({
  id: z.exactOptional(nameText(256)),
  value: json,
});

const commandSchema = z.discriminatedUnion("type", [
  z.strictObject({
    id: z.exactOptional(nameText(256)),
    type: z.literal("stop"),
    reason: z.string().check(z.maxLength(1_000)),
    compensate: z.exactOptional(z.boolean()),
  }),
  z.strictObject({
    id: z.exactOptional(nameText(256)),
    type: z.literal("cancel"),
    run: nameText(128),
    reason: z.string().check(z.maxLength(1_000)),
    compensate: z.exactOptional(z.boolean()),
  }),
]);

const byOf = ({ person }: Caller) => (person === undefined ? {} : { by: person });

const MAX_ASK = 256;

function checkAsk(ask: string): void {
  if (ask.length <= MAX_ASK && isSpeakable(ask)) return;
  const problem = ask.length > MAX_ASK ? `has more than ${MAX_ASK} characters` : UNSPEAKABLE_PROBLEM.problem;
  const repair = "Take it from the session's explanation, which lists the open questions.";
  throw problemError("id.invalid", { field: "ask", problem, repair });
}

/** How long a caller's event competes for its session before the caller is asked to come again. */
const COMPETE_MS = 1_000;

export interface IngressOptions {
  /** Counts producers' events by tenant; people's answers and operators' commands always pass. @default nobody counts */
  readonly quota?: TenantQuota;
  /** Bounds how many requests are held for their replies at once. @default as many as ask for it */
  readonly waits?: WaitRoom;
  /** Reads of all sessions of a tenant, made when they are first asked for. @default sessions are not listed */
  readonly listed?: () => Promise<ListedReads>;
  /** Reads of sessions' scores, made when they are first asked for. @default nothing is scored */
  readonly scores?: () => Promise<ScoreReads>;
  /** Tells of a session's commits, where their writers are in this process. @default who waits reads the log again after a while */
  readonly notices?: CommitNotices;
  /** When replies came lately, by kind of event. @default what this door has seen itself */
  readonly replyTimes?: ReturnType<typeof createReplyTimes>;
  /** How long a caller waits after so many lost races. @default so that racers come back one after another */
  readonly pauseMs?: (lost: number, seed: string) => number;
}

/** The producers' door. Every refusal is a SpineError that names field, problem and repair; nothing is half done. */
export function createIngress(
  engine: Engine,
  { quota, notices, replyTimes = createReplyTimes(), pauseMs = contentionPauseMs }: IngressOptions = {},
): Ingress {
  const advance = createAdvanceSession(engine);
  const checkAwaited = createCheckAwaited(engine);
  const replyPorts = { log: engine.log, clock: engine.clock, ...(notices !== undefined && { notices }) };

  const commit = async (
    key: SessionKey,
    input: IdentifiedInput,
    mostMs: number | Promise<number>,
    until = Infinity,
  ): Promise<Accepted> => {
    const { clock, ids } = engine;
    const giveUpAt = clock.now() + COMPETE_MS;
    const [outcome] = await advance(key, [input], async (lost) => {
      if (clock.now() >= giveUpAt) return false;
      const ms = pauseMs(lost, ids.next());
      if (ms > 0) await clock.sleep(ms);
      return true;
    });
    const { sequence, duplicate, told: atFirst } = takenBy(outcome);
    const asked =
      duplicate && (input.kind === "event" || input.kind === "signal")
        ? await toldAt(engine.log, key, sequence)
        : atFirst;
    const taken = { session: key.session, id: input.id, sequence, duplicate };
    const waitMs = Math.min(await mostMs, until - clock.now());
    const isAnswered = asked === undefined || willBeAnswered(asked);
    const from = duplicate && waitMs > 0 && isAnswered ? await commitOf(engine, key, sequence) : sequence;
    // The reply to an event that comes again may be there.
    const isAwaited = notices === undefined && input.kind === "event" && !duplicate;
    const ports = {
      ...replyPorts,
      ...(isAwaited && { times: replyTimes(`${key.tenant}/${input.type}`) }),
    };
    const found = waitMs > 0 && isAnswered ? await awaitReply(ports, key, sequence, waitMs, from) : {};
    const { released, ...known } = found;
    const told = released ?? asked;
    if (told?.disposition === "rejected") throw rejectedAt(sequence, told.reason);
    return {
      ...taken,
      ...(told !== undefined && { disposition: told.disposition }),
      ...whyIgnored(told),
      ...known,
    };
  };

  return {
    async send(caller, session, body, waitMs = 0, until = Infinity) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      const { input, unfit } = await readEvent(engine, caller, body);
      if (unfit !== undefined) await checkAwaited(key, input, unfit);
      // After what no later time changes: who is told to come again need not learn then that it was in vain.
      if (quota !== undefined) await takeQuota(quota, caller.tenant);
      return commit(key, input, waitMs, until);
    },

    async answerHuman(caller, session, ask, body, waitMs = 0) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      checkAsk(ask);
      const given = checkBody(body);
      const { id = `${ask}/${engine.ids.next()}`, value } = parseWith(
        humanSchema,
        given,
        "input.malformed",
        "The answer",
      );
      const hash = engine.digest.sha256(canonicalJson([ask, value as Json]));
      return commit(
        key,
        {
          kind: "human",
          source: caller.source,
          ...byOf(caller),
          id,
          hash,
          correlation: id,
          ask,
          value: value as Json,
        },
        waitMs,
      );
    },

    async signal(caller, session, body) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      const input = readSignal(engine, caller, body);
      if (quota !== undefined) await takeQuota(quota, caller.tenant);
      return commit(key, input, 0);
    },

    async command(caller, session, body) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      const given = checkBody(body);
      const { id = engine.ids.next(), ...command } = parseWith(
        commandSchema,
        given,
        "input.malformed",
        "The command",
      );
      const hash = engine.digest.sha256(canonicalJson(command));
      // A run's id is checked against the runs that the session has.
      const input = {
        kind: "command",
        source: caller.source,
        ...byOf(caller),
        id,
        hash,
        correlation: id,
        command,
      } as IdentifiedInput;
      return commit(key, input, 0);
    },
  };
}

const whyIgnored = (told: Told | undefined): Pick<Accepted, "reason"> =>
  told?.disposition === "ignored" && told.reason !== undefined ? { reason: told.reason } : {};

/** Where the commit begins that holds a sequence. */
export async function commitOf(
  { log }: Pick<Engine, "log">,
  key: SessionKey,
  sequence: number,
): Promise<number> {
  return (await log.readUpTo(key, sequence)).at(-1)?.first ?? sequence;
}

interface Taken {
  readonly sequence: number;
  readonly duplicate: boolean;
  readonly told?: Told;
}

function takenBy(outcome: Outcome | undefined): Taken {
  const verdict = outcome?.verdict;
  switch (verdict?.type) {
    case "committed": {
      const { sequence, disposition, reason } = verdict;
      if (disposition === undefined) return { sequence, duplicate: false };
      return { sequence, duplicate: false, told: toldOf({ disposition, ...(reason && { reason }) }) };
    }
    case "duplicate":
      return { sequence: verdict.sequence, duplicate: true };
    case "refused":
      throw refusalError(verdict, outcome?.problems);
    case "nothing":
    case undefined:
      throw new SpineError("internal", "The input had no verdict.");
  }
}
