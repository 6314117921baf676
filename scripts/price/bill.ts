import {
  agentFunctionName,
  DEFAULT_PREFIX,
  FunctionSuffix,
  functionName,
  QueueSuffix,
  queueName,
} from "#aws/names.ts";
import type { RequestCount } from "#local/request-counts.ts";
import { FEW_OUTCOMES } from "#aws/dynamo/dynamo-agent-health.ts";
import { DEFAULT_MEMORY_MB, DOOR_MEMORY_MB } from "../../infra/settings/memory.ts";
import type { Asked } from "./meter.ts";
import { busyMs, waitMs } from "./model.ts";
import { OF_KEY } from "./of-key.ts";
import { OF_ROW } from "./of-row.ts";
import { BILLED_CHUNK_BYTES, PRICES } from "./prices.ts";
import type { SessionUse } from "./session.ts";

export interface BillLine {
  readonly item: string;
  readonly arithmetic: string;
  /** US dollars for a million sessions. */
  readonly usd: number;
}

const nameOf = (suffix: FunctionSuffix): string => functionName(DEFAULT_PREFIX, suffix);
const SPINE = Object.values(FunctionSuffix).map(nameOf);
const [DOOR, RELAY] = [nameOf(FunctionSuffix.door), nameOf(FunctionSuffix.relay)];
const AGENT_FUNCTION = agentFunctionName(DEFAULT_PREFIX, "");
const AGENT_QUEUE = queueName(DEFAULT_PREFIX, "agent-");
const DEAD_LETTERS = /-dead(?:\.fifo)?$/;
/** Of an execution, its start included: a distant deadline waits and sends, a letter's waits, asks, decides and ends. */
export const TRANSITIONS: Readonly<Record<string, number>> = { deadlines: 3, letters: 5 };
const MOST_TRANSITIONS = 5;
const MB_A_GB = 1_024;
const AGENT_MB = DEFAULT_MEMORY_MB;
const memoryOf = (name: string): number => (name === DOOR ? DOOR_MEMORY_MB : DEFAULT_MEMORY_MB);

interface Span {
  readonly ms: number;
  readonly memoryMb: number;
}
const MS_A_SECOND = 1_000;
const PER_MILLION = 1e6;
const usd = (price: number): string =>
  `$${price.toFixed(Math.max(2, String(price).split(".")[1]?.length ?? 0))}`;
const BYTES_A_GB = 1e9;

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0);

/** What a session costs by cause, from what was counted of it. Throws for what has no price here. */
export function billOf({ counts, asked: all, logged }: SessionUse): readonly BillLine[] {
  const asked = all.filter((each) => !isOfRows(each));
  checkSizes(asked);
  const lines: BillLine[] = [...queueLines(counts), ...functionLines(counts, asked)];
  const spine = asked.filter(({ functionName: name }) => SPINE.includes(name));
  const ofKeys = spine.filter(({ operation }) => operation.endsWith(OF_KEY));
  const ofTable = spine.filter((each) => each.writeUnits + each.readUnits > 0 && !ofKeys.includes(each));
  const isLog = ({ operation }: Asked) => ["PutItem", "Query", "BatchWriteItem"].includes(operation);
  const [log, breakers] = [ofTable.filter(isLog), ofTable.filter((each) => !isLog(each))];
  const units = (of: readonly Asked[]) =>
    [sum(of, (each) => each.writeUnits), sum(of, (each) => each.readUnits)] as const;
  const [writes, reads] = units(log);
  const [counted, looked] = units(breakers);
  // Alone a session has too few good outcomes to be worth a write; where there are many, each write has so many of them.
  const outcomes = commitsOf(asked.filter(({ functionName: name }) => name === DOOR));
  const written = Math.max(counted, outcomes / FEW_OUTCOMES);
  const commits = commitsOf(asked);
  const events =
    sum(spine, ({ operation, entries }) => (operation === "PutEvents" ? entries : 0)) +
    sum(counts, ({ operation, caller, count }) =>
      operation === "PutEvents" && caller !== RELAY ? count : 0,
    );
  const wrapped = sum(spine, ({ service, requests }) => (service === "kms" ? requests : 0));
  const [kept, found] = units(ofKeys);
  const logBytes = sum(logged, ({ bytes }) => bytes);
  const logLines = sum(logged, (each) => each.lines);
  return [
    ...lines,
    line(
      "DynamoDB, commits",
      `${writes} write units of ${commits} commits × ${usd(PRICES.dynamoWriteUnit)}`,
      writes * PRICES.dynamoWriteUnit,
    ),
    line(
      "DynamoDB, reads",
      `${reads} consistent read units × ${usd(PRICES.dynamoReadUnit)}`,
      reads * PRICES.dynamoReadUnit,
    ),
    line(
      "DynamoDB, breakers",
      `at most ${written} write units for counters and ${looked} read units; busy functions do this every few seconds`,
      written * PRICES.dynamoWriteUnit + looked * PRICES.dynamoReadUnit,
    ),
    ...(wrapped === 0
      ? []
      : [
          line(
            "KMS, keys of sessions",
            `${wrapped} made or unwrapped × ${usd(PRICES.kms)}`,
            wrapped * PRICES.kms,
          ),
          line(
            "DynamoDB, keys of sessions",
            `${kept} write units and ${found} read units`,
            kept * PRICES.dynamoWriteUnit + found * PRICES.dynamoReadUnit,
          ),
        ]),
    ...otherLines(counts, spine),
    line("EventBridge, publications", `${events} × ${usd(PRICES.eventBridge)}`, events * PRICES.eventBridge),
    line(
      "CloudWatch Logs",
      `${logLines} lines, ${(logBytes / 1_000).toFixed(1)} KB × ${usd(PRICES.logs)} per GB`,
      (logBytes / BYTES_A_GB) * PRICES.logs * PER_MILLION,
    ),
  ];
}

/** What its row in the list of sessions costs, on top: the relay's calls, and its time for them. */
export function rowLine({ asked }: SessionUse): BillLine {
  const own = asked.filter(isOfRows);
  const [writes, reads] = [sum(own, (each) => each.writeUnits), sum(own, (each) => each.readUnits)];
  const memoryMb = memoryOf(RELAY);
  const ms = busyMs(own, 0, memoryMb);
  const seconds = (ms / MS_A_SECOND) * (memoryMb / MB_A_GB);
  const read = reads > 0 ? ` and ${reads} read units` : "";
  return line(
    "with its row in the list of sessions",
    `${sum(own, ({ requests }) => requests)} puts: ${writes} write units${read}; ${Math.round(ms)} ms of the relay (modelled)`,
    writes * PRICES.dynamoWriteUnit +
      reads * PRICES.dynamoReadUnit +
      seconds * PRICES.lambdaGbSecond * PER_MILLION,
  );
}

const isOfRows = ({ operation }: Asked): boolean => operation.endsWith(OF_ROW);

export const totalOf = (lines: readonly BillLine[]): number => sum(lines, ({ usd }) => usd);
export const isPublication = ({ item }: BillLine): boolean => item.startsWith("EventBridge");

const line = (item: string, arithmetic: string, usd: number): BillLine => ({ item, arithmetic, usd });
const queueOf = ({ resource }: RequestCount): string => resource.split(":").at(-1) ?? "";
const commitsOf = (asked: readonly Asked[]): number =>
  sum(asked, (each) =>
    each.operation === "PutItem" && SPINE.includes(each.functionName) ? each.requests : 0,
  );

function queueLines(counts: readonly RequestCount[]): readonly BillLine[] {
  const named = (suffix: string) => queueName(DEFAULT_PREFIX, suffix);
  const found = { tasks: 0, second: 0, deadline: 0, inbox: 0, intake: 0, handed: 0, answers: 0, letters: 0 };
  for (const each of counts.filter(({ service }) => service === "sqs")) {
    const queue = queueOf(each);
    if (queue.startsWith(AGENT_QUEUE)) found[each.caller === RELAY ? "second" : "tasks"] += each.count;
    else if (queue === named(QueueSuffix.deadlines)) found.deadline += each.count;
    else if (queue === named(QueueSuffix.inbox)) found.inbox += each.count;
    else if (queue === named(QueueSuffix.intake)) found.intake += each.count;
    else if (queue === named(QueueSuffix.relayRetries)) found.handed += each.count;
    else if (queue === named(QueueSuffix.answers)) found.answers += each.count;
    else if (DEAD_LETTERS.test(queue)) found.letters += each.count;
    else throw new Error(`${each.operation} of ${queue} has no price yet. Add it to bill.ts.`);
  }
  const { sqsFifo, sqsStandard } = PRICES;
  const queues = (item: string, count: number, what: string, price: number) =>
    line(`SQS, ${item}`, `${count} ${what} × ${usd(price)}`, count * price);
  return [
    queues("tasks", found.tasks, "sends, receives and deletes", sqsFifo),
    queues("the relay's second sends", found.second, "sends", sqsFifo),
    queues("a deadline that fires", found.deadline, "(send, receive, delete)", sqsStandard),
    queues("its delivery through the inbox", found.inbox, "(send, receive, delete)", sqsFifo),
    ...(found.handed === 0
      ? []
      : [queues("looks at what was handed over", found.handed, "sends, receives and deletes", sqsStandard)]),
    ...(found.answers === 0
      ? []
      : [queues("answers of maps and wide forks", found.answers, "(send, receive, delete)", sqsFifo)]),
    ...(found.letters === 0 ? [] : [queues("dead letters", found.letters, "receives and deletes", sqsFifo)]),
    ...(found.intake === 0 ? [] : [queues("intake", found.intake, "(send, receive, delete)", sqsStandard)]),
  ];
}

/** What most sessions have none of: texts too large for an item or a message, and executions that wait. */
function otherLines(counts: readonly RequestCount[], spine: readonly Asked[]): readonly BillLine[] {
  const puts = sum(spine, ({ service, requests }) => (service === "s3" ? requests : 0));
  const transitions = sum(counts, ({ operation, resource, count }) =>
    operation === "StartExecution" ? count * (TRANSITIONS[resource] ?? MOST_TRANSITIONS) : 0,
  );
  return [
    ...(puts === 0
      ? []
      : [line("S3, blobs", `${puts} requests, as PUTs × ${usd(PRICES.s3Put)}`, puts * PRICES.s3Put)]),
    ...(transitions === 0
      ? []
      : [
          line(
            "Step Functions",
            `${transitions} transitions × ${usd(PRICES.transition)}`,
            transitions * PRICES.transition,
          ),
        ]),
  ];
}

function functionLines(counts: readonly RequestCount[], asked: readonly Asked[]): readonly BillLine[] {
  const invocations = invocationsOf(counts, commitsOf(asked));
  const total = sum([...invocations.values()], (count) => count);
  const told = [...invocations].map(([name, count]) => `${name.slice(DEFAULT_PREFIX.length + 1)} ${count}`);
  const msOf = (name: string) =>
    busyMs(
      asked.filter((each) => each.functionName === name),
      invocations.get(name) ?? 0,
      memoryOf(name),
    );
  const spine = SPINE.map((name) => ({ ms: msOf(name), memoryMb: memoryOf(name) }));
  const questions = invocations.get(DOOR) ?? 0;
  const agentsMs = questions === 0 ? 0 : questions * waitMs(msOf(DOOR) / questions, AGENT_MB);
  const duration = (item: string, spans: readonly Span[]): BillLine => {
    const gbSeconds = sum(spans, ({ ms, memoryMb }) => (ms / MS_A_SECOND) * (memoryMb / MB_A_GB));
    const told = [...new Set(spans.map(({ memoryMb }) => memoryMb))]
      .map(
        (memoryMb) => [memoryMb, sum(spans, (each) => (each.memoryMb === memoryMb ? each.ms : 0))] as const,
      )
      .filter(([, ms]) => ms > 0)
      .map(([memoryMb, ms]) => `${Math.round(ms)} ms of ${memoryMb} MB`)
      .join(", ");
    const price = PRICES.lambdaGbSecond;
    return line(item, `${told} (modelled) × $${price} per GB-s`, gbSeconds * price * PER_MILLION);
  };
  return [
    line(
      "Lambda requests",
      `${told.join(", ")} = ${total} × ${usd(PRICES.lambdaRequest)}`,
      total * PRICES.lambdaRequest,
    ),
    duration("Lambda duration of the spine", spine),
    duration("Lambda duration of agents that wait for the door", [{ ms: agentsMs, memoryMb: AGENT_MB }]),
  ];
}

/**
 * How often each function was invoked: for a batch of a queue, a call, a request. The relay counts as if every commit were
 * a batch of its own, which it is where there is little to do; agents are one line.
 */
function invocationsOf(counts: readonly RequestCount[], commits: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (name: string, count: number) => {
    const known = name.startsWith(AGENT_FUNCTION)
      ? agentFunctionName(DEFAULT_PREFIX, "s").replace("-agent-s", "-agents")
      : name;
    found.set(known, (found.get(known) ?? 0) + count);
  };
  for (const each of counts) {
    const { operation, caller, count } = each;
    if (operation === "ReceiveMessage") add(caller.replace("mapping:", ""), count);
    else if (operation === "Invoke" || operation === "InvokeFunctionUrl") add(queueOf(each), count);
  }
  // What it takes from its retry queue comes on top.
  found.set(RELAY, commits + (found.get(RELAY) ?? 0));
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** One request pays for 64 KB: a larger one would cost more than is counted. */
function checkSizes(asked: readonly Asked[]): void {
  const large = asked.find(
    ({ operation, largestBytes }) =>
      (operation.startsWith("SendMessage") || operation === "PutEvents") && largestBytes > BILLED_CHUNK_BYTES,
  );
  if (large !== undefined)
    throw new Error(
      `${large.operation} of ${large.functionName} has ${large.largestBytes} bytes: AWS bills it as several requests.`,
    );
}
