import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { forkedIn, type Forked } from "./forked.ts";

/**
 * An event without what it says: when and where it happened, and to what. Values, texts and the names of people are left out, so that
 * the outline of ten thousand events is small, and shows nothing personal.
 */
export interface OutlineEvent {
  readonly sequence: number;
  readonly type: string;
  /** When it was committed, ms since the epoch. */
  readonly at: number;
  /** The first event of the input that caused it. */
  readonly cause: number;
  readonly run?: string;
  readonly step?: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly agent?: string;
  /** Of a flow. */
  readonly name?: string;
  /** The hash of a flow. */
  readonly flow?: string;
  /** An event's own type, or a fallback's, or a signal's name. */
  readonly subtype?: string;
  readonly source?: string;
  readonly disposition?: string;
  readonly ask?: string;
  readonly branch?: string;
  readonly action?: string;
  readonly slot?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly dueAt?: number;
  readonly asOf?: number;
  readonly trigger?: number;
  readonly hash?: string;
  readonly to?: number;
  readonly by?: number;
  readonly link?: number;
  readonly failed?: boolean;
  readonly undoes?: string;
  readonly tokens?: number;
  readonly money?: number;
  /** What is left of a budget when a task is dispatched. */
  readonly tokensLeft?: number;
  readonly moneyLeft?: number;
  /** The event of its origin whose outcome a fork takes. */
  readonly from?: number;
  /** Paths that changed under an agent, or that a fork has other values of. */
  readonly changed?: readonly string[];
  /** Tasks whose agents a signal reaches. */
  readonly told?: readonly string[];
  /** Of the event that begins a fork. */
  readonly forked?: Forked;
}

const TEXTS = [
  ...["run", "step", "task", "agent", "name", "flow", "source", "disposition", "ask", "branch", "action"],
  ...["slot", "hash", "undoes"],
] as const;
const NUMBERS = ["attempt", "dueAt", "asOf", "trigger", "to", "by", "link", "from"] as const;

/** What an outline shows of an event, as the API gives it (a CloudEvent). */
export function outlineOf(envelope: JsonObject): OutlineEvent {
  const data = objectAt(envelope, "data");
  const input = objectAt(data, "input");
  const outcome = objectAt(data, "outcome");
  const usage = isJsonObject(data["usage"]) ? data["usage"] : objectAt(outcome, "usage");
  const error = isJsonObject(data["error"]) ? data["error"] : objectAt(outcome, "error");
  const budget = objectAt(data, "budget");
  const sequence = Number(envelope["sequence"]);
  const told = namesIn(data["tasks"]);
  const changed = namesIn(data["changed"]) ?? namesIn(data["stale"]);
  return {
    sequence,
    type: String(envelope["type"]),
    at: Date.parse(String(envelope["time"])),
    cause: Number(envelope["causationid"] ?? sequence),
    ...picked(data, TEXTS, "string"),
    ...picked(data, NUMBERS, "number"),
    ...picked(input, ["source", "ask"], "string"),
    ...named("subtype", data["type"] ?? input["type"] ?? data["event"] ?? input["name"], "string"),
    ...named("code", error["code"], "string"),
    ...named("retryable", data["retryable"], "boolean"),
    ...named("failed", data["failed"], "boolean"),
    ...named("tokens", usage["tokens"], "number"),
    ...named("money", usage["money"], "number"),
    ...named("tokensLeft", budget["tokens"], "number"),
    ...named("moneyLeft", budget["money"], "number"),
    ...(changed !== undefined && { changed }),
    ...(told !== undefined && { told }),
    ...(envelope["type"] === "SessionForked" && { forked: forkedIn(data) }),
  };
}

const objectAt = (value: JsonObject, field: string): JsonObject => {
  const found = value[field];
  return isJsonObject(found) ? found : {};
};

const namesIn = (value: Json | undefined): readonly string[] | undefined =>
  Array.isArray(value) && value.every((one) => typeof one === "string")
    ? value.map((one) => String(one))
    : undefined;

type Kinds = { readonly string: string; readonly number: number; readonly boolean: boolean };

function picked<const Field extends string, Kind extends keyof Kinds>(
  data: JsonObject,
  fields: readonly Field[],
  kind: Kind,
): Partial<Record<Field, Kinds[Kind]>> {
  const found = fields.flatMap((field) => (typeof data[field] === kind ? [[field, data[field]]] : []));
  // Of the kind that was asked for.
  return Object.fromEntries(found) as Partial<Record<Field, Kinds[Kind]>>;
}

const named = <Field extends string, Kind extends keyof Kinds>(
  field: Field,
  value: Json | undefined,
  kind: Kind,
): Partial<Record<Field, Kinds[Kind]>> =>
  picked(value === undefined ? {} : { [field]: value }, [field], kind);
