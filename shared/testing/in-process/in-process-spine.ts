import type { Agent } from "#core/contract.ts";
import { SpineError, type SpineErrorCode } from "#core/errors.ts";
import {
  defineApplication,
  type Application,
  type ApplicationDefinition,
  type TextDigest,
} from "#core/flow/compile.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { functionTimes } from "#core/group-time.ts";
import { parseTenantId, type SessionKey } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { TaskCallback } from "#core/later.ts";
import { RIGHTS } from "#core/rights.ts";
import type { Scorer } from "#core/scoring/scorer.ts";
import type { Limits } from "#core/session/limits.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerResult, SessionAdvanced, SignalsResult } from "#core/session/task-messages.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createCommitNotices } from "#memory/commit-notices.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryScores } from "#memory/memory-scores.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { AgentRecords } from "#ports/agents.ts";
import type { Blobs, LetterBox } from "#ports/blobs.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import type { EnumerableSessionLog, StreamRecord } from "#ports/session-log.ts";
import type { Scores } from "#ports/scores.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createProgressDoor } from "#runtime/doors/create-progress-door.ts";
import { createIngress, type Accepted, type Ingress } from "#runtime/doors/create-ingress.ts";
import type { KnownCaller } from "#runtime/doors/read-event.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createRelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { createSummaryCache } from "#runtime/relay/summary-cache.ts";
import { createSessionReader, type SessionReader } from "#runtime/session/create-session-reader.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { createScriptedHandler } from "../agents/scripted-handler.ts";
import { createInProcessSubscriptions } from "./in-process-subscriptions.ts";
import { createInProcessRecovery } from "./in-process-recovery.ts";
import { createExchangeableApplication } from "./exchangeable-application.ts";
import { createPump } from "./pump.ts";
import { createQueuePorts, createQueues, type Queues } from "./in-process-queues.ts";
import { relayStream } from "./relay-stream.ts";
import { resumeSessions } from "./resume.ts";

/** A log that hands each appended commit on, as a table's stream does. */
export interface StreamedLog extends EnumerableSessionLog {
  onAppend(listener: (record: StreamRecord) => void): void;
}

/** Flows, and the agents that work for them. */
export interface RunnableApplication {
  readonly flows: readonly FlowDefinition[];
  readonly agents: readonly Agent[];
  /** Schemas of the events' data. */
  readonly events?: ApplicationDefinition["events"];
  /** Score each reply after it is committed; no session waits for them. @default nobody does */
  readonly scorers?: readonly Scorer[];
}

export interface InProcessSpineOptions extends RunnableApplication {
  /** @default the system's; a movable one makes a day a millisecond */
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** @default in memory */
  readonly log?: StreamedLog;
  /** @default in memory */
  readonly blobs?: Blobs;
  /** From which tokens are made; a durable log needs a lasting one. @default a random one */
  readonly secret?: string;
  readonly limits?: Partial<Limits>;
  /** @default "local" */
  readonly tenant?: string;
  /** Failures that the spine recovers from on its own. */
  readonly onTrouble?: (error: unknown, what: string) => void;
  readonly onAdvance?: (advance: SessionAdvanced) => void;
  /** Where scores are kept. @default in memory */
  readonly scores?: Scores;
}

export interface AskOptions {
  /** @default a new session */
  readonly session?: string;
  /** @default a new id */
  readonly id?: string;
  readonly ordinal?: number;
  readonly facts?: JsonObject;
  readonly constraints?: JsonObject;
  /** @default 30 s */
  readonly waitMs?: number;
}

/** What an agent is told while it works. */
export interface ToldSignal {
  /** @default a new id */
  readonly id?: string;
  readonly to: string;
  readonly name: string;
  /** @default null */
  readonly data?: Json;
}

export interface InProcessSpine {
  /** Sends an event and waits for the reply's body. Throws the error of a failed run. */
  ask(type: string, data: Json, options?: AskOptions): Promise<Json>;
  /** Sends an event and returns its sequence. */
  send(type: string, data: Json, options?: AskOptions): Promise<Accepted>;
  /** Puts an event on spine-in, without waiting for an answer: rejections are reported to `onTrouble`. */
  put(type: string, data: Json, options: AskOptions & { readonly session: string }): Promise<void>;
  /** Answers a task that its agent passed on with `task.later`. Throws `task.token` for a callback that proves nothing. */
  answerTask(callback: TaskCallback, outcome: AgentOutcome): Promise<AnswerResult>;
  /** Says that somebody works on such a task; false: its answer counts no longer. */
  beatTask(callback: TaskCallback): Promise<boolean>;
  /** What somebody told the agent of such a task, after the signal of a number; 0 for all. */
  taskSignals(callback: TaskCallback, after: number): Promise<SignalsResult>;
  /** Tells agents at work something: `to` is a task's id, a step or an agent. */
  signal(session: string, told: ToldSignal): Promise<Accepted>;
  readonly application: Application;
  readonly engine: Engine;
  readonly ingress: Ingress;
  readonly reader: SessionReader;
  /** The list of sessions, as the relay keeps it. */
  readonly sessionIndex: SessionIndex;
  /** What the scorers said. */
  readonly scores: Scores;
  key(session: string): SessionKey;
  /** Resolves when nothing can continue unless time passes or another input arrives. */
  idle(): Promise<void>;
  /** Continues the unfinished sessions of a durable log, and returns their number. */
  resume(): Promise<number>;
  close(): Promise<void>;
}

/** A spine in whose place nothing stops while its application is another one. */
export interface ExchangeableSpine extends InProcessSpine {
  /**
   * From now on tasks are done by these agents, and events start these flows. What runs goes on: runs with their own version of their
   * flow, agents at work to their answers. Throws `contract.invalid`, `flow.invalid` or, for scorers, `setting.invalid`, and changes nothing.
   */
  exchange(next: RunnableApplication): void;
  /** Agents are called by the queues of this process. */
  readonly queues: Queues;
  /** How calls of agents went lately. */
  readonly records: AgentRecords;
  /** Dead letters, since the process began. */
  readonly letters: LetterBox;
}

export interface ExchangeableSpineOptions extends InProcessSpineOptions {
  /** Where agents say what they do while they work. @default nowhere */
  readonly live?: LiveOutput;
}

const DEFAULT_WAIT_MS = 30_000;

/**
 * The whole spine in one process: the deployed core and runtime on queues and a log in memory.
 *
 * @example
 * const agents = [greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` }))];
 * const spine = inProcessSpine({ flows: [greeting], agents });
 * console.log(await spine.ask("GreetingAsked", { who: "Ada" }));
 * await spine.close();
 */
export const inProcessSpine = (options: InProcessSpineOptions): InProcessSpine => exchangeableSpine(options);

/** The spine of `inProcessSpine`, for who exchanges its application while it runs. */
export function exchangeableSpine(options: ExchangeableSpineOptions): ExchangeableSpine {
  const {
    clock = createSystemClock(),
    ids = createRandomIds(),
    log = createMemorySessionLog(),
    blobs = createMemoryBlobs(),
  } = options;
  const digest = createNodeDigest();
  const { application, exchange } = createExchangeableApplication(applicationOf(options, digest));
  let agents = byName(options.agents);
  let timeOf = timesOf(options.agents);
  const queues = createQueues(namesIn(options.agents), { agentTimeoutMs: (agent) => timeOf(agent) });
  const ports = createQueuePorts(queues, clock, { digest }, () => pump.wake());
  const health = createMemoryAgentHealth(clock);
  const engine: Engine & { readonly log: StreamedLog } = {
    application,
    log,
    blobs,
    clock,
    ids,
    digest,
    dispatch: ports.dispatch,
    health,
    heartbeats: createMemoryHeartbeats(clock),
    tokens: createHmacTokens(options.secret ?? ids.next() + ids.next()),
    ...(options.live !== undefined && { live: true }),
    // A log in memory hands out what was made of it before.
    ...(log.readings?.states === undefined && { cache: createSessionCache({ clock, soleWriter: true }) }),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.onTrouble !== undefined && { onTrouble: options.onTrouble }),
  };
  const tenant = parseTenantId(options.tenant ?? "local");
  const caller: KnownCaller = { tenant, source: "in-process", rights: RIGHTS };
  const worker = {
    engine,
    door: createDoor(engine),
    intake: { ...ports.intake, callerOf: () => caller },
    inbox: ports.inbox,
    answers: ports.answers,
    get agents() {
      return agents;
    },
    ...(options.live !== undefined && {
      progress: createProgressDoor({ live: options.live, tokens: engine.tokens, clock }),
    }),
    recovery: () => letters.recovery,
    relay: () => relay,
  };
  const letters = createInProcessRecovery(engine, { ...ports, track: (work) => pump.track(work) });
  const sessionIndex = createMemorySessionIndex();
  const { scores = createMemoryScores() } = options;
  const subscriptions = createInProcessSubscriptions({
    ...options,
    ...{ log, scores, clock },
    track: (work) => pump.track(work),
  });
  const relay = createRelayBatches({
    relay: createRelay(engine, {
      deadlines: ports.deadlines,
      publish: { publish: () => Promise.resolve([]) },
      indexing: createIndexing({ index: sessionIndex, log, cache: createSummaryCache() }),
      ordered: {
        log,
        progress: createMemoryDeliveryProgress(),
        subscriptions,
      },
    }),
    log,
    retries: ports.retries,
    ...(options.onTrouble !== undefined && { onTrouble: options.onTrouble }),
  });
  const pump = createPump(queues.sources, ({ duty }) => createScriptedHandler(duty, worker), clock);
  relayStream(log, relay, clock, pump.track);

  // All racers are in this process, whose clock may stand still.
  const notices = createCommitNotices(clock);
  log.onAppend(notices.appended);
  const ingress = createIngress(engine, { notices, pauseMs: () => 0 });
  const reader = createSessionReader(engine);
  const send = (
    type: string,
    data: Json,
    { session = ids.next(), id, ordinal, facts, constraints }: AskOptions,
    waitMs: number,
  ) => {
    const body = { type, data, ...given({ id, ordinal, session: facts, constraints }) };
    return ingress.send(caller, session, body, waitMs);
  };

  return {
    answerTask: (callback, outcome) => worker.door.answer({ ...callback, outcome }),
    beatTask: async (callback) => (await worker.door.beat(callback)).go,
    taskSignals: (callback, after) => worker.door.signals(callback, after),
    signal: (session, told) => ingress.signal(caller, session, told),
    application,
    engine,
    ingress,
    reader,
    sessionIndex,
    scores,
    key: (session) => ({ tenant: caller.tenant, session: session as SessionKey["session"] }),
    send: (type, data, ask = {}) => send(type, data, ask, ask.waitMs ?? 0),
    put: (type, data, { session, id, ordinal, facts, constraints }) => {
      const detail = { session, data, ...given({ id, ordinal, facts, constraints }) };
      const event = { id: ids.next(), account: "local", source: caller.source, "detail-type": type, detail };
      return ports.intake.send([{ body: JSON.stringify(event), delaySeconds: 0 }]);
    },
    async ask(type, data, ask = {}) {
      const taken = await send(type, data, ask, ask.waitMs ?? DEFAULT_WAIT_MS);
      const { reply } = taken;
      if (reply === undefined) throw unanswered(type, taken);
      if (reply.failed) throw failureOf(reply.body);
      return reply.body;
    },
    exchange(next) {
      const exchanged = applicationOf(next, digest);
      subscriptions.exchange(next.scorers ?? []);
      exchange(exchanged);
      const before = { timeOf, agents };
      agents = byName(next.agents);
      timeOf = timesOf(next.agents);
      for (const name of namesIn(next.agents))
        if (!before.agents.has(name) || before.timeOf(name) !== timeOf(name)) queues.add(name);
    },
    queues,
    records: health,
    letters: letters.box,
    idle: () => pump.idle(),
    resume: () => resumeSessions(engine, ports.deadlines),
    close: () => {
      letters.stop();
      subscriptions.stop();
      return pump.stop();
    },
  };
}

const byName = (agents: readonly Agent[]): ReadonlyMap<string, Agent> =>
  new Map(agents.map((agent) => [agent.contract.spec.name, agent]));

const namesIn = (agents: readonly Agent[]) => agents.map(({ contract }) => contract.spec.name);

const timesOf = (agents: readonly Agent[]) => functionTimes(agents.map(({ contract }) => contract.spec));

function applicationOf({ agents, flows, events }: RunnableApplication, digest: TextDigest): Application {
  const contracts = agents.map(({ contract }) => contract);
  const definition = { agents: contracts, flows, ...(events !== undefined && { events }) };
  const application = defineApplication(definition, digest);
  const implemented = new Set(namesIn(agents));
  const missing = [...application.contracts.keys()].filter((name) => !implemented.has(name));
  if (missing.length === 0) return application;
  throw new SpineError(
    "contract.invalid",
    `No agent implements ${missing.join(", ")}. Give one for each contract that the flows use.`,
  );
}

const given = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Why an event has no reply: nothing will give one, a person is to answer first, or it did not come in time. */
function unanswered(type: string, { session, disposition, asks }: Accepted): SpineError {
  if (asks !== undefined) {
    const questions = asks.map(({ ask, question }) => `"${question}" (ask ${ask})`).join(", ");
    const text = `Session ${session} asks a person: ${questions}. Answer with ingress.answerHuman, or send the event with send().`;
    return new SpineError("reply.none", text);
  }
  if (disposition === "triggers" || disposition === "held")
    return new SpineError("step.timeout", `Session ${session} did not reply in time.`);
  const text = `No run replies to ${type} in session ${session}: the event is ${disposition}. Send it with send().`;
  return new SpineError("reply.none", text);
}

function failureOf(body: Json): SpineError {
  const { code, message } = body as { readonly code: SpineErrorCode; readonly message: string };
  return new SpineError(code, message);
}
