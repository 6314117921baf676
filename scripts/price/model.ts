import type { Asked } from "./meter.ts";

/**
 * How long a function takes for what it asks, in ms: a model, since this machine's times say nothing about AWS. A request takes
 * the service's time, and the SDK's CPU at the function's share of a processor, of which 1,769 MB is a whole one. At 512 MB two calls of
 * DynamoDB take 16.5 ms; SQS takes 8 ms and PutEvents 20 ms by published measurements, a warm invoke 10 ms without its handler.
 */
const SDK_CPU_MS = 1;
const SERVICE_MS: Readonly<Record<string, number>> = {
  dynamodb: 16.5 / 2 - SDK_CPU_MS / 0.29,
  sqs: 8,
  events: 20,
  invoke: 10,
  // Not published: taken for a call of DynamoDB.
  kms: 16.5 / 2 - SDK_CPU_MS / 0.29,
};
/** What the handler itself takes of a whole processor: to read, decide, fold, pack. */
const OWN_CPU_MS = 2;
const FULL_PROCESSOR_MB = 1_769;

const cpuMs = (ms: number, memoryMb: number): number => ms / Math.min(1, memoryMb / FULL_PROCESSOR_MB);
const callMs = (service: string, memoryMb: number): number =>
  (SERVICE_MS[service] ?? NaN) + cpuMs(SDK_CPU_MS, memoryMb);

const serviceOf = ({ operation, service }: Asked): string => {
  if (service === "kms") return "kms";
  if (operation.startsWith("SendMessage")) return "sqs";
  if (operation === "PutEvents") return "events";
  if (operation === "Invoke") return "invoke";
  return "dynamodb";
};

/** What a function of the spine takes for this many invocations, one request after another. */
export const busyMs = (asked: readonly Asked[], invocations: number, memoryMb: number): number =>
  asked.reduce(
    (sum, each) => sum + each.requests * callMs(serviceOf(each), memoryMb),
    invocations * cpuMs(OWN_CPU_MS, memoryMb),
  );

/** What an agent's function waits for one answer of the door. */
export const waitMs = (doorMs: number, memoryMb: number): number => callMs("invoke", memoryMb) + doorMs;
