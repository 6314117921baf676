import type { Asked } from "./meter.ts";

/**
 * How long a function of 512 MB takes for what it asks, in ms: a model, since this machine's times say nothing about AWS.
 * Two calls of DynamoDB take 16.5 ms at this size, the SDK's CPU included; SQS 8 ms and PutEvents 20 ms by published
 * measurements, to which 1 ms of CPU comes at 0.29 of a processor; a warm invoke 10 ms without its handler.
 */
const CPU_MS = 1 / 0.29;
const CALL_MS: Readonly<Record<string, number>> = {
  dynamodb: 16.5 / 2,
  sqs: 8 + CPU_MS,
  events: 20 + CPU_MS,
  invoke: 10 + CPU_MS,
  // Not published: taken for a call of DynamoDB.
  kms: 16.5 / 2,
};
/** What the handler itself takes: to read, decide, fold, pack. */
const OWN_MS = 2 * CPU_MS;

const serviceOf = ({ operation, service }: Asked): string => {
  if (service === "kms") return "kms";
  if (operation.startsWith("SendMessage")) return "sqs";
  if (operation === "PutEvents") return "events";
  if (operation === "Invoke") return "invoke";
  return "dynamodb";
};

/** What a function of the spine takes for this many invocations, one request after another. */
export const busyMs = (asked: readonly Asked[], invocations: number): number =>
  asked.reduce((sum, each) => sum + each.requests * (CALL_MS[serviceOf(each)] ?? NaN), invocations * OWN_MS);

/** What an agent's function waits for one answer of the door. */
export const waitMs = (doorMs: number): number => (CALL_MS["invoke"] ?? NaN) + doorMs;
