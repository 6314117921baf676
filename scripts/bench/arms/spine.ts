import type { Agent, Contract } from "#core/contract.ts";
import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import { parseTenantId, type SessionKey, type TenantId } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import { RIGHTS } from "#core/rights.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { Batch } from "#memory/queue/event-source-mapping.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress, type Accepted } from "#runtime/doors/create-ingress.ts";
import { createReplyTimes } from "#runtime/doors/reply-times.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createRelayBatches, type RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { refOf } from "#runtime/relay/read-works.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { createHandler, type Handler } from "#testing/in-process/handlers.ts";
import { createInProcessRecovery } from "#testing/in-process/in-process-recovery.ts";
import { createQueuePorts, createQueues, type Duty } from "#testing/in-process/in-process-queues.ts";
import { startAndAwait, type Environment } from "../kernel/environment.ts";
import type { FunctionPool } from "../kernel/function-pool.ts";
import { isNoisy, NOISY, type Answer, type Reply, type Section } from "../ledger.ts";
import { outcomesIn } from "../outcomes.ts";
import { act, sectionOf, think, type Arm, type Ground, type MakeArm, type Message } from "./arm.ts";
import { applicationOf, EVENT } from "./spine-application.ts";
import { Pollers } from "./spine-pollers.ts";
import { LogStream } from "./spine-stream.ts";
import { EPOCH, portsOf, translated, type SpinePorts, type SpineResources } from "./spine-ports.ts";

/** The longest that ingress holds a request; then the client asks again for the same event. */
const LONGEST_WAIT_MS = 25_000;
const TENANT = parseTenantId("bench");
const NOISY_TENANT = parseTenantId(NOISY);
const tenantOf = (session: string): TenantId => (isNoisy(session) ? NOISY_TENANT : TENANT);

/** The spine as it is deployed: the real doors, host, relay, coordinator and recovery, each in functions of its own. */
export const spine = spineWith({});
/** The same with all agents in one group, whose function takes all their queues. */
export const groupedSpine = spineWith({ group: "agents" });
/** With so many tasks of a tenant in flight in an agent's queue as the parameters say. */
export const boundedSpine = spineWith({ boundsTenants: true });
/** With agents on standard queues, which drop nothing: a task that the relay sends once more is looked up at the door. */
export const standardSpine = spineWith({ standardQueues: true });
/** With agents that send their answers to the queue, where the coordinator takes them. */
export const queuedAnswersSpine = spineWith({ queuedAnswers: true });

interface SpineChoices {
  /** In which all agents are. @default each has a function of its own */
  readonly group?: string;
  readonly boundsTenants?: boolean;
  readonly standardQueues?: boolean;
  readonly queuedAnswers?: boolean;
}

function spineWith(choices: SpineChoices): MakeArm {
  return (ground) => makeSpine(ground, choices);
}

function makeSpine(
  ground: Ground,
  { group, boundsTenants = false, standardQueues = false, queuedAnswers = false }: SpineChoices,
): Arm {
  const { kernel, workload, ledger } = ground;
  const { cpu } = kernel.params;
  const digest = createNodeDigest();
  const { application, contracts } = applicationOf(workload, kernel.params, { digest, group });
  const clock = { now: () => EPOCH + kernel.now };
  const queues = createQueues(
    contracts.map(({ spec }) => spec.name),
    { agentTimeoutMs: () => kernel.params.functions.timeoutMs, fifoAgents: !standardQueues },
  );
  const pollers = new Pollers(kernel);
  const log = createMemorySessionLog();
  const resources: SpineResources = {
    application,
    log,
    digest,
    blobs: createMemoryBlobs(),
    health: createMemoryAgentHealth(clock),
    tenantBreakers: boundsTenants,
    heartbeats: createMemoryHeartbeats(clock),
    tokens: createHmacTokens("a secret of the bench, of 32 bytes or more"),
    ids: createSeededIds(kernel.seed),
    queues: createQueuePorts(
      queues,
      clock,
      { digest, ...(boundsTenants && { tenantInFlight: kernel.params.load.tenantInFlight }) },
      (queue) => pollers.shown(queue),
    ),
    agentHop: standardQueues ? "sqsStandard" : "sqsFifo",
  };
  const inputs = FUNCTION_TIMEOUT_MS.coordinator;
  const ingressPool = ground.pool({ name: "ingress", cause: "ingress", cap: Infinity });
  const doorPool = ground.pool({
    name: "door",
    cause: "door",
    cap: Infinity,
    timeoutMs: FUNCTION_TIMEOUT_MS.door,
    memoryMb: kernel.params.functions.doorMemoryMb,
  });
  const relayPool = ground.pool({ name: "relay", cause: "relay", cap: Infinity });
  const pools: Readonly<Record<Exclude<Duty["type"], "agent">, FunctionPool>> = {
    intake: ground.pool({ name: "intake", cause: "intake", cap: Infinity }),
    inbox: ground.pool({ name: "coordinator inbox", cause: "coordinator", cap: Infinity, timeoutMs: inputs }),
    answers: ground.pool({
      name: "coordinator answers",
      cause: "coordinator",
      cap: Infinity,
      timeoutMs: inputs,
    }),
    deadlines: ground.pool({ name: "recovery", cause: "recovery", cap: Infinity, timeoutMs: inputs }),
    commits: ground.pool({ name: "relay retries", cause: "relay", cap: Infinity }),
    "dead-letters": ground.pool({
      name: "recovery letters",
      cause: "recovery",
      cap: Infinity,
      timeoutMs: inputs,
    }),
  };
  const ownCpu = {
    intake: cpu.coordinator,
    inbox: cpu.coordinator,
    answers: cpu.coordinator,
    deadlines: cpu.recovery,
    commits: cpu.relay,
    "dead-letters": cpu.recovery,
  };

  // The bulkheads of a group are those of its queues together.
  const together =
    group === undefined
      ? undefined
      : ground.pool({ name: group, cause: "hosts", cap: workload.cap * workload.agents.length });
  for (const source of queues.sources) {
    const { duty } = source;
    const pool =
      duty.type === "agent"
        ? (together ??
          ground.pool({ name: `agent-${duty.agent}-${duty.lane}`, cause: "hosts", cap: workload.cap }))
        : pools[duty.type];
    pollers.feed({
      source,
      pool,
      labelOf: (batch) => labelOf(duty, batch),
      handler: (environment) => {
        const handle = handlerOf(ground, environment, {
          duty,
          ports: portsOf(environment, resources),
          doorPool,
          resources,
          queuedAnswers,
        });
        return async (batch) => {
          await environment.cpu(duty.type === "agent" ? cpu.host : ownCpu[duty.type]);
          return handle(batch);
        };
      },
    });
  }

  const stream = new LogStream(kernel, ({ session }, records, done) =>
    relayPool.start(
      { session, agent: "relay" },
      async (environment) => {
        // Measured for each commit.
        await environment.cpu(cpu.relay * records.length);
        const endsAt = clock.now() + FUNCTION_TIMEOUT_MS.relay;
        return relayOf(environment, portsOf(environment, resources), resources).stream(records, endsAt);
      },
      (outcome) => done(outcome.type !== "ok" || outcome.value.length > 0),
    ),
  );
  log.onAppend((record) => {
    // A message that comes while a run is under way is queued: its facts come into force with its own run, after those before it.
    if (record.commit.text.includes('"type":"RunStarted"'))
      kernel.after(0, () => ledger.enforce(record.session, kernel.now));
    for (const outcome of outcomesIn(record.commit.text)) ledger.of(record.session).outcomes.add(outcome);
    stream.push(refOf(record));
  });

  const ask = async (
    environment: Environment,
    { session, message }: Message,
    waitMs: number,
  ): Promise<Accepted> => {
    await environment.cpu(cpu.ingress);
    const ports = portsOf(environment, resources);
    ports.onAppend = () => ledger.accept(session, message, kernel.now);
    const ingress = createIngress(ports.engine, {
      replyTimes: environment.process.kept("reply times", createReplyTimes),
    });
    const caller = { tenant: tenantOf(session), source: "client", rights: RIGHTS };
    const body = { type: EVENT, id: `m${message}`, data: { message }, session: { facts: message } };
    return ingress.send(caller, session, body, waitMs);
  };

  return {
    async request(message, _attempt, until) {
      const label = { session: `${message.session}/${message.message}`, agent: "ingress" };
      while (kernel.now < until) {
        const waitMs = isNoisy(message.session) ? 0 : Math.min(LONGEST_WAIT_MS, until - kernel.now);
        const { reply } = await startAndAwait(ingressPool, label, (environment) =>
          ask(environment, message, waitMs),
        );
        if (reply !== undefined) return answerOf(reply, message.message, kernel.now);
        if (isNoisy(message.session)) return undefined;
      }
      return undefined;
    },
  };
}

function answerOf({ failed, body }: NonNullable<Accepted["reply"]>, message: number, at: number): Answer {
  if (failed) return { type: "refused", at, reason: JSON.stringify(body) };
  // The flow's reply is the list of what the agents have said.
  return {
    type: "reply",
    at,
    reply: { message, sections: body as unknown as readonly Section[] } satisfies Reply,
  };
}

function relayOf(
  environment: Environment,
  { engine, queues }: SpinePorts,
  { agentHop }: SpineResources,
): RelayBatches {
  // What is sent once more where nothing drops it is old, for its host: it asks at the door before it runs.
  const looked: Engine = {
    ...engine,
    dispatch: { send: (tasks) => engine.dispatch.send(tasks.map((task) => ({ ...task, committedAt: 0 }))) },
  };
  const relay = createRelay(agentHop === "sqsStandard" ? looked : engine, {
    deadlines: queues.deadlines,
    publish: {
      publish: async (advances) => {
        try {
          await environment.call("putEvents", "PutEvents", () => undefined);
          return [];
        } catch (error) {
          return advances.map((advance) => ({ advance, reason: String(error) }));
        }
      },
    },
  });
  return createRelayBatches({ relay, log: engine.log, retries: queues.retries });
}

const SESSION_IN_BODY = /"session":"([^"]*)"/;

function labelOf(duty: Duty, { messages }: Batch): { readonly session: string; readonly agent: string } {
  const session = SESSION_IN_BODY.exec(messages[0]?.body ?? "")?.[1] ?? "";
  return { session, agent: duty.type === "agent" ? duty.agent : duty.type };
}

interface Served {
  readonly duty: Duty;
  readonly ports: SpinePorts;
  readonly doorPool: FunctionPool;
  readonly resources: SpineResources;
  readonly queuedAnswers: boolean;
}

function handlerOf(
  ground: Ground,
  environment: Environment,
  { duty, ports, doorPool, resources, queuedAnswers }: Served,
): Handler {
  const { application } = resources;
  const { engine, queues } = ports;
  const door = doorThrough(ground, environment, doorPool, resources);
  const hosted = duty.type === "agent" ? [...application.contracts.values()] : [];
  return createHandler(duty, {
    engine,
    door: queuedAnswers ? { ...door, answer: () => Promise.resolve({ type: "busy" }) } : door,
    intake: { ...queues.intake, callerOf: () => undefined },
    inbox: queues.inbox,
    answers: queues.answers,
    agents: new Map(
      hosted.map((contract) => [contract.spec.name as string, implemented(ground, environment, contract)]),
    ),
    recovery: () => createInProcessRecovery(engine, { ...queues, track: (work) => work }).recovery,
    relay: () => relayOf(environment, ports, resources),
  });
}

function implemented(ground: Ground, environment: Environment, contract: Contract): Agent {
  const { name } = contract.spec;
  return contract.implement(async ({ context, session, idempotencyKey }) => {
    // What `ask` has sent.
    const { message } = (context as JsonObject)["input"] as { readonly message: number };
    const { facts } = (context as JsonObject)["session"] as { readonly facts: number };
    try {
      await think(ground, environment, { session, message }, name);
    } catch (error) {
      // It fails before it acts, and says so.
      const details = { effect: "not-done" } as const;
      throw new SpineError("agent.failed", messageOf(error), { retryable: true, details });
    }
    if (name === ground.workload.effectOf)
      await act(ground, environment, { session, message }, { facts, key: idempotencyKey });
    return sectionOf(name, message, facts);
  });
}

/** Keeps the states of sessions as the deployed door does: from one invocation of an environment to its next. */
const keeping = ({ process, kernel }: Environment, engine: Engine): Engine =>
  kernel.params.functions.keepsStates === 0
    ? engine
    : {
        ...engine,
        cache: process.kept("states", () => createSessionCache({ clock: { now: () => EPOCH + kernel.now } })),
      };

/** The door's function, as an agent's function reaches it. */
function doorThrough(
  { kernel }: Ground,
  environment: Environment,
  pool: FunctionPool,
  resources: SpineResources,
): CoordinatorDoor {
  const through = async <T>(
    { session }: Pick<SessionKey, "session">,
    use: (door: CoordinatorDoor) => Promise<T>,
  ): Promise<T> => {
    const said = await environment
      .invoke(pool, { session, agent: "door" }, async (inner) => {
        await inner.cpu(kernel.params.cpu.door);
        try {
          return { value: await use(createDoor(keeping(inner, portsOf(inner, resources).engine))) };
        } catch (error) {
          // The deployed door answers with its refusals.
          if (isSpineError(error)) return { error };
          throw error;
        }
      })
      .catch((error: unknown) => {
        const known = translated(error, "The door");
        throw isSpineError(known)
          ? known
          : new SpineError("log.unavailable", "The door failed.", { retryable: true });
      });
    if ("error" in said) throw said.error;
    return said.value;
  };
  return {
    look: (proof) => through(proof, (door) => door.look(proof)),
    beat: (proof) => through(proof, (door) => door.beat(proof)),
    claim: (proof, execution) => through(proof, (door) => door.claim(proof, execution)),
    signals: (proof, after) => through(proof, (door) => door.signals(proof, after)),
    async answer(answer) {
      const result = await through(answer, (door) => door.answer(answer));
      // A task that is handed over costs its host as much as one of its queue.
      if (result.next !== undefined) await environment.cpu(kernel.params.cpu.host);
      return result;
    },
  };
}
