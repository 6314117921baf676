import type { Agent } from "#core/contract.ts";
import { SpineError, type SpineErrorCode } from "#core/errors.ts";
import { defineApplication, type Application, type ApplicationDefinition } from "#core/flow/compile.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { functionTimes } from "#core/group-time.ts";
import { parseTenantId, type SessionKey } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { TaskCallback } from "#core/later.ts";
import { RIGHTS } from "#core/rights.ts";
import type { Limits } from "#core/session/limits.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerResult, SessionAdvanced } from "#core/session/task-messages.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createCommitNotices } from "#memory/commit-notices.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { EnumerableSessionLog, StreamRecord } from "#ports/session-log.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress, type Accepted, type Ingress } from "#runtime/doors/create-ingress.ts";
import type { KnownCaller } from "#runtime/doors/read-event.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createRelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { createSummaryCache } from "#runtime/relay/summary-cache.ts";
import { createSessionReader, type SessionReader } from "#runtime/session/create-session-reader.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { createHandler } from "./handlers.ts";
import { createInProcessRecovery } from "./in-process-recovery.ts";
import { createPump } from "./pump.ts";
import { createQueuePorts, createQueues } from "./in-process-queues.ts";
import { relayStream } from "./relay-stream.ts";
import { resumeSessions } from "./resume.ts";

/** A log that hands each appended commit on, as a table's stream does. */
export interface StreamedLog extends EnumerableSessionLog {
  onAppend(listener: (record: StreamRecord) => void): void;
}

export interface InProcessSpineOptions {
  readonly flows: readonly FlowDefinition[];
  readonly agents: readonly Agent[];
  /** Schemas of the events' data. */
  readonly events?: ApplicationDefinition["events"];
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
  readonly application: Application;
  readonly engine: Engine;
  readonly ingress: Ingress;
  readonly reader: SessionReader;
  /** The list of sessions, as the relay keeps it. */
  readonly sessionIndex: SessionIndex;
  key(session: string): SessionKey;
  /** Resolves when nothing can continue unless time passes or another input arrives. */
  idle(): Promise<void>;
  /** Continues the unfinished sessions of a durable log, and returns their number. */
  resume(): Promise<number>;
  close(): Promise<void>;
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
export function inProcessSpine(options: InProcessSpineOptions): InProcessSpine {
  const {
    clock = createSystemClock(),
    ids = createRandomIds(),
    log = createMemorySessionLog(),
    blobs = createMemoryBlobs(),
  } = options;
  const digest = createNodeDigest();
  const contracts = options.agents.map(({ contract }) => contract);
  const application = defineApplication(
    {
      agents: contracts,
      flows: options.flows,
      ...(options.events !== undefined && { events: options.events }),
    },
    digest,
  );
  const implemented = new Set(contracts.map(({ spec }) => spec.name));
  const missing = [...application.contracts.keys()].filter((name) => !implemented.has(name));
  if (missing.length > 0)
    throw new SpineError(
      "contract.invalid",
      `No agent implements ${missing.join(", ")}. Give one for each contract that the flows use.`,
    );
  const names = contracts.map(({ spec }) => spec.name);
  const queues = createQueues(names, {
    agentTimeoutMs: functionTimes(contracts.map(({ spec }) => spec)),
  });
  const ports = createQueuePorts(queues, clock, { digest }, () => pump.wake());
  const engine: Engine & { readonly log: StreamedLog } = {
    application,
    log,
    blobs,
    clock,
    ids,
    digest,
    dispatch: ports.dispatch,
    health: createMemoryAgentHealth(clock),
    heartbeats: createMemoryHeartbeats(clock),
    tokens: createHmacTokens(options.secret ?? ids.next() + ids.next()),
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
    agents: new Map(options.agents.map((agent) => [agent.contract.spec.name as string, agent])),
    recovery: () => letters.recovery,
    relay: () => relay,
  };
  const letters = createInProcessRecovery(engine, { ...ports, track: (work) => pump.track(work) });
  const sessionIndex = createMemorySessionIndex();
  const relay = createRelayBatches({
    relay: createRelay(engine, {
      deadlines: ports.deadlines,
      publish: { publish: () => Promise.resolve([]) },
      indexing: createIndexing({ index: sessionIndex, log, cache: createSummaryCache() }),
      ordered: {
        log,
        progress: createMemoryDeliveryProgress(),
        subscriptions: {
          names: options.onAdvance === undefined ? [] : ["onAdvance"],
          deliver: (_name, advance) => Promise.resolve(options.onAdvance?.(advance)),
        },
      },
    }),
    log,
    retries: ports.retries,
    ...(options.onTrouble !== undefined && { onTrouble: options.onTrouble }),
  });
  const pump = createPump(queues.sources, ({ duty }) => createHandler(duty, worker), clock);
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
    application,
    engine,
    ingress,
    reader,
    sessionIndex,
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
    idle: () => pump.idle(),
    resume: () => resumeSessions(engine, ports.deadlines),
    close: () => {
      letters.stop();
      return pump.stop();
    },
  };
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
