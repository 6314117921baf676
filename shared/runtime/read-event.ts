import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import type { TenantId } from "#core/ids.ts";
import { canonicalJson, utf8Length, type Json, type JsonObject } from "#core/json.ts";
import type { EventInput } from "#core/session/input.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";
import type { Engine } from "./engine.ts";
import { json, parseWith } from "./messages.ts";
import { asJson, validate } from "./validate.ts";

/** Who calls: taken from the caller's identity, never from the body. */
export interface Caller {
  readonly tenant: TenantId;
  /** Names the producer: the scope of its ids and ordinals. */
  readonly source: string;
}

/** Deeper JSON than this is refused: reading it back must not exhaust the stack. */
const MAX_DEPTH = 64;

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

/** Throws `tenant.over-quota` where the tenant has sent as much as it may. */
export async function takeQuota(quota: TenantQuota, tenant: TenantId): Promise<void> {
  const verdict = await quota.take(tenant);
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

/** Reads a producer's event: size, form, known type, and the schema of its data, in this order. */
export async function readEvent(
  engine: Pick<Engine, "application" | "ids" | "digest">,
  caller: Caller,
  body: unknown,
): Promise<EventInput> {
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

/** Throws where a body is too deep or too large, whoever sent it. */
export function checkSize(body: unknown): void {
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
