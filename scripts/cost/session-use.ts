import {
  agentFunctionName,
  agentQueueSuffix,
  DEFAULT_PREFIX,
  deadLetterName,
  FunctionSuffix,
  functionName,
  QueueSuffix,
  queueName,
  spineOutName,
} from "#aws/names.ts";
import { MAX_DELAY_MS } from "#aws/sqs/sqs-deadlines.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { RequestCount } from "#local/request-counts.ts";
import type { Asked, Logged } from "../price/meter.ts";
import { OF_KEY } from "../price/of-key.ts";
import { BILLED_CHUNK_BYTES } from "../price/prices.ts";
import type { SessionUse } from "../price/session.ts";
import { readUnits, writeUnits } from "../price/units.ts";
import { crowdedTasks } from "./crowded-tasks.ts";
import type { InputKind } from "./input-kinds.ts";
import { LOGGED_LINES } from "./logged-lines.ts";
import type { LoggedCommit, LoggedInput } from "./logged-commits.ts";

/** How long a process may go on from the state that it left. */
const CACHED_MS = 300_000;
/** When the relay looks whether a commit's tasks have arrived, as the stream usually brings it. */
const RELAY_LOOKS_MS = 300;
/** A look at the states of breakers, which is not consistent. */
const BREAKER_UNITS = readUnits(0, false);
const KEY_UNITS = 1;

const nameOf = (suffix: FunctionSuffix): string => functionName(DEFAULT_PREFIX, suffix);
const queueOf = (suffix: string): string => queueName(DEFAULT_PREFIX, suffix);
const { ingress, intake, door, coordinator, relay, recovery } = FunctionSuffix;

/** By which function an input's commit was written. */
const WRITERS = {
  request: ingress,
  bus: coordinator,
  answer: door,
  claim: door,
  deadline: coordinator,
  letter: coordinator,
} as const satisfies Record<InputKind, FunctionSuffix>;

/** A request of AWS as the meter would have weighed it. */
interface Weighed {
  readonly service: string;
  readonly operation: string;
  readonly resource?: string;
  readonly entries?: number;
  readonly write?: number;
  readonly read?: number;
}

/** Requests, and the attempt that they were made for, as `task/attempt`; absent for what no attempt alone causes. */
export interface AttributedCount extends RequestCount {
  readonly attempt?: string;
}

export interface AttributedUse extends SessionUse {
  readonly counts: readonly AttributedCount[];
}

/**
 * What the meter at the local endpoints would have read of a session, made of its log: of the requests that its commits, tasks, deadlines
 * and publications need, each made once.
 */
export function useOfCommits(commits: readonly LoggedCommit[], sealed: boolean): AttributedUse {
  const counts: AttributedCount[] = [];
  let attempt: string | undefined;
  const asked: Asked[] = [];
  const logged: Logged[] = [];

  const count = (service: string, operation: string, caller: string, resource: string, count = 1) =>
    counts.push({ service, operation, caller, resource, count, ...(attempt !== undefined && { attempt }) });
  /** What is counted within is counted for this attempt, or for none. */
  const forAttempt = (of: string | undefined, work: () => void): void => {
    const before = attempt;
    attempt = of;
    work();
    attempt = before;
  };
  const ask = (of: FunctionSuffix, { service, operation, ...rest }: Weighed) => {
    const { resource = "", entries = 1, write = 0, read = 0 } = rest;
    const functionName = nameOf(of);
    asked.push({
      ...{ functionName, service, operation, resource, requests: 1, entries },
      ...{ writeUnits: write, readUnits: read, largestBytes: 0 },
    });
    count(service, operation, functionName, resource);
  };
  const query = (of: FunctionSuffix, bytes: number) =>
    ask(of, { service: "dynamodb", operation: "Query", read: readUnits(bytes, true) });
  const log = (of: keyof typeof LOGGED_LINES) => {
    logged.push({ functionName: of, ...LOGGED_LINES[of] });
  };
  /** What takes a message of a queue is a function's mapping, which deletes it when it is done. */
  const take = (of: string, queue: string) => {
    for (const operation of ["ReceiveMessage", "DeleteMessage"])
      count("sqs", operation, `mapping:${of}`, queue);
  };
  const send = (of: FunctionSuffix, suffix: string) =>
    ask(of, { service: "sqs", operation: "SendMessageBatch", resource: queueOf(suffix) });
  /** Takes from the queue, and proves that its sender may send there. */
  const prove = (of: FunctionSuffix, suffix: string) => {
    take(nameOf(of), queueOf(suffix));
    ask(of, { service: "sqs", operation: "ChangeMessageVisibilityBatch", resource: queueOf(suffix) });
  };

  const arrive = ({ kind, first }: LoggedInput, viaQueue: boolean): void => {
    const { event } = first;
    switch (kind) {
      case "request":
        return void count("lambda", "InvokeFunctionUrl", "caller", nameOf(ingress));
      case "bus":
        count("events", "PutEvents", "producer", "spine-in");
        count("sqs", "SendMessage", "rule", queueOf(QueueSuffix.intake));
        prove(intake, QueueSuffix.intake);
        log(intake);
        send(intake, QueueSuffix.inbox);
        return prove(coordinator, QueueSuffix.inbox);
      case "answer":
      case "claim": {
        const agent = agentFunctionName(DEFAULT_PREFIX, "task" in event.data ? String(event.data.task) : "");
        if (!viaQueue) return void count("lambda", "Invoke", agent, nameOf(door));
        count("sqs", "SendMessage", agent, queueOf(QueueSuffix.answers));
        return take(nameOf(coordinator), queueOf(QueueSuffix.answers));
      }
      case "deadline":
        send(recovery, QueueSuffix.inbox);
        return prove(coordinator, QueueSuffix.inbox);
      case "letter":
        take(nameOf(recovery), queueOf(deadLetterName(QueueSuffix.deadlines)));
        ask(recovery, { service: "s3", operation: "PutObject" });
        count("states", "StartExecution", nameOf(recovery), "letters");
        log(recovery);
        send(recovery, QueueSuffix.inbox);
        return prove(coordinator, QueueSuffix.inbox);
    }
  };

  const heardAt = firstHeard(commits);
  const heard = (attempt: string): number => heardAt.get(attempt) ?? Infinity;
  const crowded = crowdedTasks(commits.flatMap(({ events }) => events));
  const looked = new Set<FunctionSuffix>();
  let tailBytes = 0;
  let left: { readonly by: FunctionSuffix; readonly at: number } | undefined;
  for (const commit of commits) {
    const viaQueue = commit.inputs.some(({ first: { event } }) => isOf(crowded, event));
    const [input] = commit.inputs;
    const by = viaQueue ? coordinator : WRITERS[input?.kind ?? "request"];
    // A commit is counted for the attempt whose answer or claim it is the first to hold.
    attempt = commit.inputs.map(attemptOfInput).find((found) => found !== undefined);
    for (const one of commit.inputs) forAttempt(attemptOfInput(one), () => arrive(one, viaQueue));
    // A process goes on from where it left the session, if nobody else has written since.
    const isKnown = left?.by === by && by !== ingress && commit.at - left.at <= CACHED_MS;
    if (!isKnown) query(by, tailBytes);
    if (sealed && !looked.has(by)) openKey(by, looked.size === 0);
    if (!looked.has(by)) ask(by, { service: "dynamodb", operation: "GetItem", read: BREAKER_UNITS });
    looked.add(by);
    for (let blob = 0; blob < commit.blobs; blob += 1) ask(by, { service: "s3", operation: "PutObject" });
    ask(by, { service: "dynamodb", operation: "PutItem", write: writeUnits(commit.storedBytes) });
    log(by);
    left = { by, at: commit.at };
    tailBytes = (commit.snapshot ? 0 : tailBytes) + commit.storedBytes;
    perform(commit, by);
  }
  return { counts, asked, logged };

  function openKey(by: FunctionSuffix, isNew: boolean): void {
    const operation = isNew ? "GenerateDataKey" : "Decrypt";
    ask(by, { service: "kms", operation });
    ask(by, { service: "dynamodb", operation: `GetItem${OF_KEY}`, read: KEY_UNITS });
    if (isNew) ask(by, { service: "dynamodb", operation: `PutItem${OF_KEY}`, write: KEY_UNITS });
  }

  /** What a commit orders: its writer sends tasks, the relay reads it once more, arms deadlines and publishes. */
  function perform({ at, events, publishedBytes }: LoggedCommit, by: FunctionSuffix): void {
    query(relay, 0);
    const entries = Math.max(1, Math.ceil(publishedBytes / BILLED_CHUNK_BYTES));
    ask(relay, {
      service: "events",
      operation: "PutEvents",
      resource: spineOutName(DEFAULT_PREFIX),
      entries,
    });
    for (const { type, data } of events) {
      if (type === "AttemptDispatched" && data.handedBy === undefined) {
        const suffix = agentQueueSuffix(data.agent, data.lane);
        const dispatched = `${data.task}/${data.attempt}`;
        forAttempt(dispatched, () => {
          send(by, suffix);
          take(agentFunctionName(DEFAULT_PREFIX, data.agent), queueOf(suffix));
          log("agent");
          // SQS drops it, and it is paid for.
          if (heard(dispatched) - at > RELAY_LOOKS_MS) send(relay, suffix);
        });
      }
      if (type === "DeadlineArmed") {
        if (data.at - at > MAX_DELAY_MS) {
          count("states", "StartExecution", nameOf(relay), "deadlines");
          count("sqs", "SendMessage", "states", queueOf(QueueSuffix.deadlines));
        } else send(relay, QueueSuffix.deadlines);
        take(nameOf(recovery), queueOf(QueueSuffix.deadlines));
        query(recovery, tailBytes);
        log(recovery);
      }
    }
  }
}

/** The attempt whose answer or claim an input is, as `task/attempt`. */
function attemptOfInput({ kind, first: { event } }: LoggedInput): string | undefined {
  if ((kind !== "answer" && kind !== "claim") || !("attempt" in event.data)) return undefined;
  return `${event.data.task}/${event.data.attempt}`;
}

/** When each attempt (`task/attempt`) was first heard of by a claim or an answer. */
function firstHeard(commits: readonly LoggedCommit[]): ReadonlyMap<string, number> {
  const heard = new Map<string, number>();
  for (const { at, inputs } of commits) {
    for (const input of inputs) {
      const attempt = attemptOfInput(input);
      if (attempt !== undefined && !heard.has(attempt)) heard.set(attempt, at);
    }
  }
  return heard;
}

const isOf = (tasks: ReadonlySet<string>, { data }: RecordedEvent): boolean =>
  "task" in data && data.task !== undefined && tasks.has(data.task);
