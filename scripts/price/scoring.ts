import {
  DEFAULT_PREFIX,
  FunctionSuffix,
  functionName,
  queueName,
  scorersFunctionName,
  SCORERS_SUBSCRIPTION,
  subscriptionQueueSuffix,
} from "#aws/names.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { SCORERS_MEMORY_MB } from "../../infra/settings/memory.ts";
import type { BillLine } from "./bill.ts";
import { fewestOf } from "./measure.ts";
import type { Meter } from "./meter.ts";
import { busyMs } from "./model.ts";
import { PRICES } from "./prices.ts";
import { playSession, type SessionUse } from "./session.ts";

const SCORERS = scorersFunctionName(DEFAULT_PREFIX);
const RELAY = functionName(DEFAULT_PREFIX, FunctionSuffix.relay);
const QUEUE = queueName(DEFAULT_PREFIX, subscriptionQueueSuffix(SCORERS_SUBSCRIPTION));
const MB_A_GB = 1_024;
const MS_A_SECOND = 1_000;
const BYTES_A_GB = 1e9;
const PER_MILLION = 1e6;

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0);

/** Prices what two scorers without a model add to the five-agent session, on a spine that has them. */
export async function measureScoring(cloud: LocalCloud, meter: Meter): Promise<readonly BillLine[]> {
  await playSession(cloud, meter, "price-bus-0", "bus");
  return scoringLines(await fewestOf(cloud, meter, "request"));
}

function scoringLines({ counts, asked, logged }: SessionUse): readonly BillLine[] {
  const messages = sum(
    counts.filter(({ resource }) => resource.endsWith(QUEUE)),
    ({ count }) => count,
  );
  const runs = sum(
    counts.filter((each) => each.caller === `mapping:${SCORERS}` && each.operation === "ReceiveMessage"),
    ({ count }) => count,
  );
  const own = asked.filter(({ functionName: name }) => name === SCORERS);
  // It is written after each commit; two that the relay takes at once are one write, which is a matter of chance.
  const progress = sum(
    asked.filter(({ functionName: name, operation }) => name === RELAY && operation === "GetItem"),
    (each) => each.requests,
  );
  const writes = progress + sum(own, (each) => each.writeUnits);
  const reads = progress + sum(own, (each) => each.readUnits);
  const ms = busyMs(own, runs, SCORERS_MEMORY_MB);
  const bytes = sum(
    logged.filter(({ functionName: name }) => name === SCORERS),
    (each) => each.bytes,
  );
  const time = (ms / MS_A_SECOND) * (SCORERS_MEMORY_MB / MB_A_GB) * PRICES.lambdaGbSecond * PER_MILLION;
  const line = (item: string, arithmetic: string, usd: number): BillLine => ({ item, arithmetic, usd });
  return [
    line(
      "SQS, commits to the scorers",
      `${messages} × $${PRICES.sqsFifo.toFixed(2)}`,
      messages * PRICES.sqsFifo,
    ),
    line("Lambda requests", `${runs} × $${PRICES.lambdaRequest.toFixed(2)}`, runs * PRICES.lambdaRequest),
    line("Lambda time, a model", `${ms.toFixed(0)} ms at ${SCORERS_MEMORY_MB} MB`, time),
    line(
      "DynamoDB, writes of scores and of progress",
      `${writes} × $${PRICES.dynamoWriteUnit}`,
      writes * PRICES.dynamoWriteUnit,
    ),
    line(
      "DynamoDB, reads of the log and of progress",
      `${reads} × $${PRICES.dynamoReadUnit}`,
      reads * PRICES.dynamoReadUnit,
    ),
    line(
      "CloudWatch Logs",
      `${(bytes / MB_A_GB).toFixed(1)} KB`,
      (bytes / BYTES_A_GB) * PRICES.logs * PER_MILLION,
    ),
  ];
}
