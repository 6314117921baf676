import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import { canonicalJson, utf8Length, type Json, type JsonObject } from "#core/json.ts";
import type { SessionKey, TenantId } from "#core/ids.ts";
import { parseSessionId } from "#core/ids.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";
import type { EventInput, IdentifiedInput } from "#core/session/input.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import type { QuotaVerdict, TenantQuota } from "#ports/tenant-quota.ts";
import { createAdvanceSession } from "./advance-session.ts";
import { msApart } from "./apart.ts";
import type { Engine } from "./engine.ts";
import { json, parseWith } from "./messages.ts";
import { asJson, validate } from "./validate.ts";
import { awaitReply, type Reply } from "./await-reply.ts";

/** Who calls: taken from the caller's identity, never from the body. */
export interface Caller {
  readonly tenant: TenantId;
  /** Names the producer: the scope of its ids and ordinals. */
  readonly source: string;
}

export interface Accepted {
  readonly session: string;
  readonly id: string;
  /** The committed sequence. */
  readonly sequence: number;
  /** It was in the log before. */
  readonly duplicate: boolean;
  readonly reply?: Reply;
}

export interface Ingress {
  /** Takes a producer's event, and waits for the reply at most `waitMs`, and no longer than the time `until`. */
  send(caller: Caller, session: string, body: unknown, waitMs?: number, until?: number): Promise<Accepted>;
  /** Takes a person's answer to an open question. */
  answerHuman(
    caller: Caller,
    session: string,
    ask: string,
    body: unknown,
    waitMs?: number,
  ): Promise<Accepted>;
  /** Takes an operator's command. */
  command(caller: Caller, session: string, body: unknown): Promise<Accepted>;
}

const eventSchema = z.strictObject({
  specversion: z.optional(z.literal("1.0")),
  datacontenttype: z.optional(z.string()),
  time: z.optional(z.string()),
  source: z.optional(z.string()),
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  type: z.string().check(z.minLength(1), z.maxLength(128)),
  data: z.optional(json),
  ordinal: z.optional(z.int().check(z.positive(), z.maximum(1_000_000_000))),
  lane: z.optional(z.enum(["normal", "express"])),
  session: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_-]*$/)), json)),
  constraints: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_-]*$/)), json)),
  correlation: z.optional(z.string().check(z.maxLength(256))),
  traceparent: z.optional(z.string().check(z.regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))),
});

const humanSchema = z.strictObject({
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  value: json,
});

const commandSchema = z.discriminatedUnion("type", [
  z.strictObject({
    id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    type: z.literal("stop"),
    reason: z.string().check(z.maxLength(1_000)),
    compensate: z.optional(z.boolean()),
  }),
  z.strictObject({
    id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    type: z.literal("cancel"),
    run: z.string(),
    reason: z.string().check(z.maxLength(1_000)),
    compensate: z.optional(z.boolean()),
  }),
]);

/** How long a caller's event competes for its session before the caller is asked to come again. */
const COMPETE_MS = 1_000;
/** Deeper JSON than this is refused: reading it back must not exhaust the stack. */
const MAX_DEPTH = 64;

export interface IngressOptions {
  /** Counts producers' events by tenant; people's answers and operators' commands always pass. @default nobody counts */
  readonly quota?: TenantQuota;
  /** How long a caller waits after so many lost races. @default so that racers come back one after another */
  readonly waitApart?: (lost: number, seed: string) => number;
}

/** The producers' door. Every refusal is a SpineError that names field, problem and repair; nothing is half done. */
export function createIngress(engine: Engine, { quota, waitApart = msApart }: IngressOptions = {}): Ingress {
  const advance = createAdvanceSession(engine);

  const commit = async (
    key: SessionKey,
    input: IdentifiedInput,
    mostMs: number,
    until = Infinity,
  ): Promise<Accepted> => {
    const { clock, ids } = engine;
    const giveUpAt = clock.now() + COMPETE_MS;
    const [outcome] = await advance(key, [input], async (lost) => {
      if (clock.now() >= giveUpAt) return false;
      const ms = waitApart(lost, ids.next());
      if (ms > 0) await clock.sleep(ms);
      return true;
    });
    const { sequence, duplicate } = sequenceOf(outcome?.verdict);
    const waitMs = Math.min(mostMs, until - clock.now());
    const from = duplicate && waitMs > 0 ? await commitOf(engine, key, sequence) : sequence;
    const reply = waitMs > 0 ? await awaitReply(engine, key, sequence, waitMs, from) : undefined;
    return { session: key.session, id: input.id, sequence, duplicate, ...(reply !== undefined && { reply }) };
  };

  return {
    async send(caller, session, body, waitMs = 0, until = Infinity) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      const input = await readEvent(engine, caller, body);
      // After what no later time changes: who is told to come again need not learn then that it was in vain.
      if (quota !== undefined) withinQuota(await quota.take(caller.tenant), caller.tenant);
      return commit(key, input, waitMs, until);
    },

    async answerHuman(caller, session, ask, body, waitMs = 0) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      checkSize(body);
      const { id = `${ask}/${engine.ids.next()}`, value } = parseWith(
        humanSchema,
        body,
        "input.malformed",
        "The answer",
      );
      const hash = engine.digest.sha256(canonicalJson([ask, value as Json]));
      return commit(
        key,
        { kind: "human", source: caller.source, id, hash, correlation: id, ask, value: value as Json },
        waitMs,
      );
    },

    async command(caller, session, body) {
      const key = { tenant: caller.tenant, session: parseSessionId(session) };
      checkSize(body);
      const { id = engine.ids.next(), ...command } = parseWith(
        commandSchema,
        body,
        "input.malformed",
        "The command",
      );
      const hash = engine.digest.sha256(canonicalJson(JSON.parse(JSON.stringify(command)) as Json));
      // A run's id is checked against the runs that the session has.
      const input = {
        kind: "command",
        source: caller.source,
        id,
        hash,
        correlation: id,
        command,
      } as IdentifiedInput;
      return commit(key, input, 0);
    },
  };
}

function withinQuota(verdict: QuotaVerdict, tenant: TenantId): void {
  if (verdict.type === "granted") return;
  const { retryAfterMs } = verdict;
  const problem = "has sent as many events as its quota allows";
  const repair = `Send it again, under the same id, in ${Math.max(1, Math.ceil(retryAfterMs / 1_000))} s.`;
  throw new SpineError("tenant.over-quota", `The tenant ${tenant} ${problem}. ${repair}`, {
    retryable: true,
    details: { retryAfterMs },
    problems: [{ field: "tenant", problem, repair }],
  });
}

/** Where the commit begins that holds a sequence. */
async function commitOf({ log }: Engine, key: SessionKey, sequence: number): Promise<number> {
  return (await log.readUpTo(key, sequence)).at(-1)?.first ?? sequence;
}

function sequenceOf(verdict: Verdict | undefined): {
  readonly sequence: number;
  readonly duplicate: boolean;
} {
  switch (verdict?.type) {
    case "committed":
      if (verdict.because === "rejected") {
        throw new SpineError(
          "input.rejected",
          `The event is recorded at sequence ${verdict.sequence}, but its flow takes none while the session is busy. Send it again when the run has ended, under another id.`,
          { details: { sequence: verdict.sequence } },
        );
      }
      return { sequence: verdict.sequence, duplicate: false };
    case "duplicate":
      return { sequence: verdict.sequence, duplicate: true };
    case "refused":
      throw new SpineError(verdict.code, verdict.message, { retryable: verdict.retryable });
    case "nothing":
    case undefined:
      throw new SpineError("internal", "The input had no verdict.");
  }
}

/** Reads a producer's event: size, form, known type, and the schema of its data, in this order. */
async function readEvent(engine: Engine, caller: Caller, body: unknown): Promise<EventInput> {
  checkSize(body);
  const event = parseWith(eventSchema, body, "input.malformed", "The event");
  const { type, ordinal, lane, session, constraints, traceparent } = event;
  if (!engine.application.eventTypes.has(type)) throw unknownType(type, [...engine.application.eventTypes]);
  const given = event.data ?? null;
  const schema = engine.application.eventSchema(type);
  const data = schema === undefined ? given : await checkData(schema, given, type);
  const id = event.id ?? engine.ids.next();
  const hash = engine.digest.sha256(
    canonicalJson(
      JSON.parse(JSON.stringify({ type, data: given, ordinal, lane, session, constraints })) as Json,
    ),
  );
  return {
    kind: "event",
    source: caller.source,
    id,
    hash,
    correlation: event.correlation ?? id,
    type,
    data: data as Json,
    ...(traceparent !== undefined && { traceparent }),
    ...(ordinal !== undefined && { ordinal }),
    ...(lane !== undefined && { lane }),
    ...(session !== undefined && { session: session as JsonObject }),
    ...(constraints !== undefined && { constraints: constraints as JsonObject }),
  };
}

async function checkData(schema: Parameters<typeof validate>[0], data: unknown, type: string): Promise<Json> {
  const fitting = await validate(schema, data, "data");
  const checked = fitting.ok ? asJson(fitting.value, "data") : fitting;
  if (checked.ok) return checked.value;
  const text = checked.problems.map(({ field, problem }) => `${field}: ${problem}`).join("; ");
  throw new SpineError("input.schema", `The data does not fit the schema of ${type}. ${text}.`, {
    problems: checked.problems,
  });
}

function unknownType(type: string, known: readonly string[]): SpineError {
  const repair = `Use one of ${known.join(", ")}.`;
  return new SpineError("input.unknown-type", `No flow knows the event type "${type}". ${repair}`, {
    problems: [{ field: "type", problem: `no flow knows "${type}"`, repair }],
  });
}

function checkSize(body: unknown): void {
  if (depthOf(body, 0) > MAX_DEPTH) {
    throw new SpineError("input.malformed", `The body is nested deeper than ${MAX_DEPTH} levels.`, {
      problems: [
        { field: "body", problem: `is nested deeper than ${MAX_DEPTH} levels`, repair: "Flatten it." },
      ],
    });
  }
  const bytes = utf8Length(JSON.stringify(body) ?? "");
  if (bytes <= MAX_INPUT_BYTES) return;
  const repair = "Store large values elsewhere and send a reference.";
  throw new SpineError(
    "input.too-large",
    `The body has ${bytes} bytes; at most ${MAX_INPUT_BYTES} are allowed. ${repair}`,
    {
      problems: [
        { field: "body", problem: `has ${bytes} bytes; at most ${MAX_INPUT_BYTES} are allowed`, repair },
      ],
    },
  );
}

function depthOf(value: unknown, depth: number): number {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return depth;
  return Object.values(value).reduce<number>(
    (deepest, inner) => Math.max(deepest, depthOf(inner, depth + 1)),
    depth,
  );
}
