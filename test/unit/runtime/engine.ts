import * as z from "zod";
import { defineAgent, type AgentDefinition, type Contract } from "#core/contract.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { defineFlow, sequence, step, type FlowOptions } from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import type { AgentOutcome, EventInput } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof, TaskMessage } from "#core/session/task-messages.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { SessionLog, StreamRecord } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createSessionReader, type SessionReader } from "#runtime/session/create-session-reader.ts";
import type { Engine } from "#runtime/session/engine.ts";

export const START = Date.UTC(2030, 0, 1);
export const digest = createNodeDigest();
export const tokens = createHmacTokens("a secret that is only for tests, 32 bytes and more");
export const KEY = parseSessionKey({ tenant: "acme", session: "visit-1" });
export const sessionKey = (session: string): SessionKey => parseSessionKey({ tenant: "acme", session });

type Overrides = Partial<Omit<AgentDefinition<unknown, unknown>, "name">>;
export const contractOf = (name: string, overrides: Overrides = {}): Contract =>
  defineAgent({ name, output: z.unknown(), retries: { max: 0, backoffMs: 0 }, ...overrides });

/** The agent of most tests: it answers with a text and is tried once more. */
export const writer = contractOf("writer", {
  output: z.object({ text: z.string() }),
  retries: { max: 1, backoffMs: 1_000 },
});

export const flowOf = (plan: PlanNode, rest: Partial<FlowOptions> = {}): FlowDefinition =>
  defineFlow({ name: "visit", on: "Asked", plan, ...rest });

/** One step of the writer; its text is the reply. */
export const writing = flowOf(sequence(step(writer)));

export interface Bench {
  readonly engine: Engine;
  readonly log: MemorySessionLog;
  readonly clock: MovableClock;
  readonly reader: SessionReader;
  /** Every message that was dispatched, in order. */
  readonly sent: TaskMessage[];
  /** What the log's stream carried. */
  readonly records: StreamRecord[];
  /** Trouble that the engine reported. */
  readonly troubles: string[];
}

export interface BenchOptions {
  readonly flows?: readonly FlowDefinition[];
  readonly agents?: readonly Contract[];
  readonly events?: Parameters<typeof defineApplication>[0]["events"];
  /** Ports that take the place of the memory ones. */
  readonly ports?: (memory: Engine) => Partial<Engine>;
  readonly limits?: Engine["limits"];
  /** A store that another engine writes as well. */
  readonly log?: MemorySessionLog;
  readonly seed?: string;
}

/** An engine on memory ports, with eyes. */
export function createBench(options: BenchOptions = {}): Bench {
  const log = options.log ?? createMemorySessionLog();
  const clock = createMovableClock(START);
  const sent: TaskMessage[] = [];
  const records: StreamRecord[] = [];
  const troubles: string[] = [];
  log.onAppend((record) => void records.push(record));
  const memory: Engine = {
    application: defineApplication(
      {
        agents: options.agents ?? [writer],
        flows: options.flows ?? [writing],
        ...(options.events !== undefined && { events: options.events }),
      },
      digest,
    ),
    log,
    blobs: createMemoryBlobs(),
    dispatch: {
      send: (tasks) => {
        sent.push(...tasks);
        return Promise.resolve();
      },
    },
    health: createMemoryAgentHealth(clock),
    heartbeats: createMemoryHeartbeats(clock),
    clock,
    ids: createSeededIds(options.seed ?? "runtime"),
    digest,
    tokens,
    onTrouble: (_error, what) => void troubles.push(what),
    ...(options.limits !== undefined && { limits: options.limits }),
  };
  const engine = { ...memory, ...options.ports?.(memory) };
  return { engine, log, clock, sent, records, troubles, reader: createSessionReader(engine) };
}

/** An event of the producer `shop`. */
export function eventInput(id: string, data: Json = {}, rest: Partial<EventInput> = {}): EventInput {
  const hash = digest.sha256(JSON.stringify([data, rest.type ?? "Asked"]));
  return { kind: "event", source: "shop", id, hash, correlation: id, type: "Asked", data, ...rest };
}

/** Advances a session with events and gives the outcomes. */
export const tell = (bench: Bench, inputs: readonly EventInput[], key = KEY) =>
  createAdvanceSession(bench.engine)(key, inputs, () => true);

export const typesOf = async (bench: Bench, key = KEY): Promise<readonly string[]> =>
  (await bench.reader.events(key)).map(({ type }) => type);
export const commitsOf = (bench: Bench, key = KEY): Promise<readonly Commit[]> =>
  bench.reader.allCommits(key);

export function proofOf({ tenant, session, task, attempt, token }: TaskMessage): AttemptProof {
  return { tenant, session, task, attempt, token };
}
export const answerOf = (message: TaskMessage, outcome: AgentOutcome): AnswerMessage => ({
  ...proofOf(message),
  outcome,
});
export const ok = (result: Json): AgentOutcome => ({ status: "ok", result });
export const failure = (retryable = true): AgentOutcome => ({
  status: "failed",
  error: { code: "agent.failed", message: "It broke." },
  retryable,
});

/** The last task that was dispatched. */
export function lastSent(bench: Bench): TaskMessage {
  const last = bench.sent.at(-1);
  if (last === undefined) throw new Error("Nothing was dispatched.");
  return last;
}

/** A text of about so many bytes. */
export const bulk = (bytes: number, letter = "x"): string => letter.repeat(bytes);

/** A log that lets somebody else go first before each of the first appends. */
export function raced(log: SessionLog, races: number, other: (race: number) => Promise<unknown>): SessionLog {
  let lost = 0;
  return {
    ...log,
    async append(key, commit) {
      if (lost < races) {
        lost += 1;
        await other(lost);
      }
      return log.append(key, commit);
    },
  };
}
