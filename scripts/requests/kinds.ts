import {
  agentFunctionName,
  DEFAULT_PREFIX,
  FunctionSuffix,
  functionName,
  QueueSuffix,
  spineInName,
  queueName,
  subscriptionQueueSuffix,
} from "#aws/names.ts";
import type { RequestCount } from "#local/request-counts.ts";

/** The requests of an agent step, in the order of its way. */
export const STEP_KINDS = ["send", "receive", "delete", "invoke", "read", "commit", "publish"] as const;

/** Requests that are no part of a step, each with the reason why it stands apart. */
export const APART = {
  request: "the producer's own",
  inbox: "the delivery of an event through spine-in: the intake's queue and the inbox",
  "second send": "the relay's, of a task that has not arrived when it looks; SQS drops it as a duplicate",
  proof:
    "the relay's reads: of the commit that a stream record names, and for the list of sessions of those before it that another of its processes had; no caller waits for them",
  deadlines: "armed by the relay, once for several steps",
  waits: "reads of a request that waits for its reply",
  breakers: "states and counts, cached for seconds",
  subscriptions: "ordered subscriptions: send, receive, delete",
  stream: "Lambda's reads of the log's stream, which are free",
  "agents' own": "agents' own calls",
  starts: "of new processes",
} as const;

export type ApartKind = keyof typeof APART;
/** `other` counts against the bound: a request that nobody expected must show. */
export type Kind = (typeof STEP_KINDS)[number] | ApartKind | "other";
export type Tally = Readonly<Partial<Record<Kind, number>>>;

export const APART_KINDS = Object.keys(APART) as readonly ApartKind[];

const nameOf = (suffix: FunctionSuffix): string => functionName(DEFAULT_PREFIX, suffix);
const INGRESS = nameOf(FunctionSuffix.ingress);
const RELAY = nameOf(FunctionSuffix.relay);
const RECOVERY = nameOf(FunctionSuffix.recovery);
const DOOR = nameOf(FunctionSuffix.door);
const AGENT = agentFunctionName(DEFAULT_PREFIX, "");
const DEADLINES = queueName(DEFAULT_PREFIX, QueueSuffix.deadlines);
const INTAKE = queueName(DEFAULT_PREFIX, QueueSuffix.intake);
const INBOX = queueName(DEFAULT_PREFIX, QueueSuffix.inbox);
const SPINE_IN = spineInName(DEFAULT_PREFIX);
const ANSWERS = queueName(DEFAULT_PREFIX, QueueSuffix.answers);
const [SUBSCRIPTIONS = ""] = queueName(DEFAULT_PREFIX, subscriptionQueueSuffix(" ")).split(" ");

const OPERATIONS: Readonly<Record<string, Kind>> = {
  SendMessage: "send",
  SendMessageBatch: "send",
  ReceiveMessage: "receive",
  DeleteMessage: "delete",
  DeleteMessageBatch: "delete",
  Invoke: "invoke",
  Query: "read",
  PutItem: "commit",
  PutEvents: "publish",
  GetItem: "breakers",
  BatchGetItem: "breakers",
  UpdateItem: "breakers",
  GetRecords: "stream",
  GetSecretValue: "starts",
  InvokeFunctionUrl: "request",
};

/** What a request was for, by operation, caller and resource. */
export function kindOf({ service, operation, caller, resource }: RequestCount): Kind {
  const name = resource.split(":").at(-1) ?? "";
  const kind = OPERATIONS[operation] ?? "other";
  if (service === "sqs") {
    if (name === DEADLINES || caller === RECOVERY) return "deadlines";
    if (name === INTAKE || name === INBOX) return "inbox";
    if (name.startsWith(SUBSCRIPTIONS)) return "subscriptions";
    if (caller === RELAY) return "second send";
  }
  if (caller === RELAY && operation === "Query") return "proof";
  if (name === `event-bus/${SPINE_IN}`) return "request";
  const asksSpine = name === DOOR || name === ANSWERS;
  return caller.startsWith(AGENT) && !asksSpine ? "agents' own" : kind;
}

/** Counts by kind. Where the caller waits, one of the ingress's reads belongs to each request; the others wait for the reply. */
export function tally(counts: readonly RequestCount[], callerWaits: boolean): Tally {
  const totals: Partial<Record<Kind, number>> = {};
  const add = (kind: Kind, count: number) => {
    if (count !== 0) totals[kind] = (totals[kind] ?? 0) + count;
  };
  let readByIngress = 0;
  for (const each of counts) {
    add(kindOf(each), each.count);
    if (each.caller === INGRESS && each.operation === "Query") readByIngress += each.count;
  }
  const waits = callerWaits ? Math.max(0, readByIngress - (totals.request ?? 0)) : 0;
  add("read", -waits);
  add("waits", waits);
  return totals;
}
