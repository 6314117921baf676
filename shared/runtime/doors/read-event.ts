import * as z from "zod/mini";
import { SpineError, problemError } from "#core/errors.ts";
import type { TenantId } from "#core/ids.ts";
import { EVENT_DEPTH, formJson } from "#core/json-form.ts";
import { canonicalJson, isJsonObject, utf8Length, type Json, type JsonObject } from "#core/json.ts";
import type { Right } from "#core/rights.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import type { EventInput } from "#core/session/input.ts";
import { LIVE_FORM } from "#core/session/live/live-record.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";
import type { Engine } from "../session/engine.ts";
import { checkData } from "../session/event-data.ts";
import { json, nameText, parseWith } from "../session/messages.ts";

/** Who calls: taken from the caller's identity, never from the body. */
export interface Caller {
  readonly tenant: TenantId;
  /** Names the producer: the scope of its ids and ordinals. */
  readonly source: string;
  /** Who of those that share an identity: the name of a role's session, where whoever hands the role out sets it. */
  readonly person?: string;
}

/** A caller at an edge, where it is held to its rights. */
export interface KnownCaller extends Caller {
  readonly rights: readonly Right[];
}

const object = z.custom<JsonObject>(isJsonObject, "Invalid input: expected an object");

const amount = z.number().check(z.nonnegative());
const whole = z.int().check(z.nonnegative());
/** What a later budget does not name, an earlier one still says. */
const budget = z.strictObject({
  hops: z.optional(whole),
  tokens: z.optional(amount),
  money: z.optional(amount),
  deadlineMs: z.optional(whole),
  sessionMs: z.optional(whole),
});

const eventSchema = z.strictObject({
  specversion: z.optional(z.literal("1.0")),
  datacontenttype: z.optional(z.string()),
  time: z.optional(z.string()),
  source: z.optional(z.string()),
  id: z.optional(nameText(256)),
  type: nameText(128),
  data: z.optional(json),
  ordinal: z.optional(z.int().check(z.positive(), z.maximum(1_000_000_000))),
  lane: z.optional(z.enum(["normal", "express"])),
  live: z.optional(z.boolean()),
  session: z.optional(object),
  constraints: z.optional(z.looseObject({ budget: z.optional(budget) })),
  correlation: z.optional(nameText(256, 0)),
  traceparent: z.optional(z.string().check(z.regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))),
});

/** Throws `tenant.over-quota` where the tenant has sent as much as it may. */
export async function takeQuota(quota: TenantQuota, tenant: TenantId): Promise<void> {
  const result = await quota.take(tenant);
  if (result.type === "granted") return;
  const { retryAfterMs } = result;
  const problem = "has sent as many events as its quota allows";
  const repair = `Send it again, under the same id, in ${Math.max(1, Math.ceil(retryAfterMs / 1_000))} s.`;
  throw new SpineError("tenant.over-quota", `The tenant ${tenant} ${problem}. ${repair}`, {
    retryable: true,
    details: { retryAfterMs },
    problems: [{ field: "tenant", problem, repair }],
  });
}

/** An event as it was read, and why the application of today does not take it: runs of an older one may wait for it. */
export interface ReadEvent {
  readonly input: EventInput;
  readonly unfit?: SpineError;
}

/** Reads a producer's event: size, form, known type, and the schema of its data, in this order. */
export async function readEvent(
  engine: Pick<Engine, "application" | "ids" | "digest" | "live" | "form">,
  caller: Caller,
  body: unknown,
): Promise<ReadEvent> {
  const given = checkBody(body);
  checkSections(given);
  const event = parseWith(eventSchema, given, "input.malformed", "The event");
  const { type, ordinal, lane, session, constraints, traceparent } = event;
  const { data, ...doubt } = await checkData(engine.application, type, event.data);
  const id = event.id ?? engine.ids.next();
  const hash = engine.digest.sha256(
    canonicalJson(
      JSON.parse(
        JSON.stringify({ type, data: event.data ?? null, ordinal, lane, session, constraints }),
      ) as Json,
    ),
  );
  const input: EventInput = {
    kind: "event",
    source: caller.source,
    id,
    hash,
    correlation: event.correlation ?? id,
    type,
    data,
    ...(traceparent !== undefined && { traceparent }),
    ...(ordinal !== undefined && { ordinal }),
    ...(lane !== undefined && { lane }),
    // Where there is none, the event is like any other.
    ...(event.live === true && hasLiveOutput(engine) && { live: true }),
    ...(session !== undefined && { session: session as JsonObject }),
    ...(constraints !== undefined && { constraints: constraints as JsonObject }),
  };
  return { input, ...doubt };
}

const hasLiveOutput = ({ live, form = SCHEMA_VERSION }: Pick<Engine, "live" | "form">): boolean =>
  live === true && form >= LIVE_FORM;

/** They become names of the context, which expressions read. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

function checkSections(event: Json): void {
  if (!isJsonObject(event)) return;
  const problems = ["session", "constraints"].flatMap((field) => {
    const sections = event[field];
    if (!isJsonObject(sections ?? null)) return [];
    return Object.keys(sections as JsonObject)
      .filter((name) => !NAME.test(name) || name === "__proto__")
      .map((name) => ({
        field: `${field}.${name}`,
        problem: "is not a valid context name",
        repair: "Use letters, digits, - and _, starting with a letter.",
      }));
  });
  const [first] = problems;
  if (first === undefined) return;
  const text = `The event is malformed. ${first.field} ${first.problem}. ${first.repair}`;
  throw new SpineError("input.malformed", text, { problems });
}

/** A body as JSON that says the same when it is read again. Throws where there is none, or too much of it, whoever sent it. */
export function checkBody(body: unknown): Json {
  const formed = formJson(body, "", EVENT_DEPTH);
  if (!formed.ok) {
    const { problem } = formed;
    throw problemError("input.malformed", { ...problem, field: problem.field || "body" });
  }
  const bytes = utf8Length(JSON.stringify(formed.value));
  if (bytes <= MAX_INPUT_BYTES) return formed.value;
  const problem = `has ${bytes} bytes; at most ${MAX_INPUT_BYTES} are allowed`;
  const repair = "Store large values elsewhere and send a reference.";
  throw new SpineError("input.too-large", `The body ${problem}. ${repair}`, {
    problems: [{ field: "body", problem, repair }],
  });
}
