import type { BreakerVerdict } from "#core/session/seen.ts";
import { canonicalJson, type JsonObject } from "#core/json.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { EventInput } from "#core/session/input.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import type { AgentHealth } from "#ports/agent-health.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import type { Tokens } from "#ports/tokens.ts";
import type { Digest } from "#ports/digest.ts";
import type { CoordinatorDoor } from "#ports/coordinator-door.ts";
import { createDoor } from "#runtime/create-door.ts";
import { createIngress } from "#runtime/create-ingress.ts";
import { createRelay } from "#runtime/create-relay.ts";
import { createHandler } from "../in-process/handlers.ts";
import { createQueuePorts, createQueues } from "../in-process/queues.ts";
import { implementSimAgent, type AgentWatch } from "./agents.ts";
import type { PreparedCase } from "./cases.ts";
import { slackOf, type Chaos } from "./chaos.ts";
import { Clients } from "./clients.ts";
import { attemptName, keyOf } from "./names.ts";
import { SessionRecord } from "./observations.ts";
import { TimerWatch, type Wedge } from "./timer-watch.ts";
import { portsOf, type EngineVersion, type Resources, type WorkerView } from "./ports.ts";
import type { Scenario } from "./scenario.ts";
import { Scheduler } from "./scheduler.ts";
import { SourcePump } from "./source-pump.ts";
import { LogStream } from "./stream.ts";
import { OFFERS, Worker, unavailable, type Ground } from "./worker.ts";
import { between } from "./chance.ts";

/** 2030-01-01: far from any host's clock, so that time which does not come from the Clock shows. */
export const START = 1_893_456_000_000;
const MOST_HAPPENINGS = 60_000;
const DOOR_TIMEOUT_MS = 5_000;
/** An agent's function may run this much longer than its contract allows, to answer that it was late. */
const FUNCTION_SLACK_MS = 2_000;
const BREAKER_SPAN_MS = 10_000;
/** Flows that feed themselves end here; with the default they would take most of the simulator's time. */
const MOST_HOPS = 40;

export interface WorldSetup {
  readonly seed: number;
  readonly subject: PreparedCase;
  readonly scenario: Scenario;
  readonly chaos: Chaos;
  /** Names of inputs that are left out. */
  readonly left: ReadonlySet<string>;
  readonly digest: Digest;
  readonly tokens: Tokens;
}

/** What a run left behind. */
export interface Aftermath {
  readonly records: ReadonlyMap<string, SessionRecord>;
  readonly log: MemorySessionLog;
  readonly resources: Resources;
  /** Virtual time came to an end: nothing was planned any more. */
  readonly quiet: boolean;
  readonly endedAt: number;
  /** Names of inputs that came about during the run. */
  readonly emerged: readonly string[];
  readonly lostLetters: readonly { readonly queue: string; readonly body: string }[];
  /** How far the run's faults together can hold a timer or a message up. */
  readonly slackMs: number;
  /** Sessions that stood with nothing on its way to wake them. */
  readonly wedges: readonly Wedge[];
}

/** Runs a scenario on the real core and runtime, in virtual time, until nothing happens any more. */
export async function runWorld(setup: WorldSetup): Promise<Aftermath> {
  const { subject, scenario, chaos, digest, seed } = setup;
  const { application } = subject;
  const scheduler = new Scheduler(START);
  const ground: Ground = { seed, scheduler, chaos };
  const records = new Map(scenario.sessions.map((session) => [session, new SessionRecord(session)]));
  const recordOf = (session: string): SessionRecord => {
    const record = records.get(session);
    if (record === undefined) throw new Error(`Nobody planned session ${session}.`);
    return record;
  };
  const lostLetters: { queue: string; body: string }[] = [];
  const log = createMemorySessionLog();
  const clock = { now: () => scheduler.now };
  const agentNames = [...application.contracts.keys()];
  const timeoutOf = (agent: string) =>
    (application.contracts.get(agent as (typeof agentNames)[number])?.spec.timeoutMs ?? 0) +
    FUNCTION_SLACK_MS;
  let picks = 0;
  const queues = createQueues(agentNames, {
    agentTimeoutMs: timeoutOf,
    pick: (candidates) => {
      if (candidates < 2) return 0;
      const fault = chaos.at(`pick#${++picks}`, ["reordered"]);
      return fault === undefined ? 0 : fault.value % candidates;
    },
  });
  const ports = createQueuePorts(queues, clock, digest, (queue) => pump.sent(queue));

  const timers = new TimerWatch(queues);
  const resources: Resources = {
    application,
    log,
    blobs: createMemoryBlobs(),
    health: createSimHealth(ground, agentNames),
    digest,
    tokens: setup.tokens,
    ...ports,
    dispatch: {
      send: (tasks) => {
        for (const task of tasks) {
          const { sent, dispatched, key } = recordOf(task.session);
          const name = attemptName(task);
          if (!sent.has(name)) {
            const committed = dispatched.has(name);
            sent.set(name, {
              session: key,
              task: task.task,
              attempt: task.attempt,
              at: scheduler.now,
              committed,
            });
          }
        }
        return ports.dispatch.send(tasks);
      },
    },
    publish: {
      publish: async (advances) => {
        for (const { session, first, hash } of advances)
          recordOf(session).published.push({ session, first, hash });
      },
    },
    subscriptions: {
      deliver: async ({ session, first, hash }) =>
        void recordOf(session).delivered.push({ session, first, hash }),
    },
  };

  const versions: readonly [EngineVersion, EngineVersion] = engineVersions(scenario);
  let writer = "";
  const view = (worker: Worker): WorkerView => {
    const version =
      chaos.at(`${worker.name} engine`, ["other-engine"]) === undefined ? versions[0] : versions[1];
    return portsOf(worker, resources, version, ({ name }) => void (writer = name));
  };

  let doorCalls = 0;
  /** A synchronous invoke: the door goes on when its caller dies. */
  const invokeDoor = <T>(use: (door: CoordinatorDoor) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(`door ${++doorCalls}`, ground);
      const limit = scheduler.after(DOOR_TIMEOUT_MS, () => {
        worker.stop();
        reject(unavailable("The door ran out of time"));
      });
      worker.start(
        () => use(createDoor(view(worker).engine)),
        (outcome) => {
          limit.happening = undefined;
          if (outcome.type === "ok") resolve(outcome.value);
          else reject(outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error)));
        },
      );
    });
  const doorFor = (worker: Worker): CoordinatorDoor => ({
    look: (proof) => worker.call("door.look", OFFERS.write, () => invokeDoor((door) => door.look(proof))),
    claim: (proof, execution) =>
      worker.call("door.claim", OFFERS.write, () => invokeDoor((door) => door.claim(proof, execution))),
    answer: (answer) =>
      worker.call("door.answer", OFFERS.write, () => invokeDoor((door) => door.answer(answer))),
  });

  const watch: AgentWatch = {
    ran: (agent, { session, task, attempt, context }) => {
      const record = recordOf(session);
      const committed = record.dispatched.has(attemptName({ task, attempt }));
      record.executions.push({ session, agent, task, attempt, view: context, committed });
    },
    returned: ({ session, task, attempt }) => {
      const { returned } = recordOf(session);
      const name = attemptName({ task, attempt });
      if (!returned.has(name)) returned.set(name, scheduler.now);
    },
    acted: (agent, { session, task, attempt, idempotencyKey }) => {
      const record = recordOf(session);
      const claimed = record.claimed.has(attemptName({ task, attempt }));
      record.acts.push({ session, key: idempotencyKey, agent, task, attempt, claimed });
    },
  };

  const pump: SourcePump = new SourcePump(queues.sources, ground, {
    hire: ({ duty }, worker) => {
      const own = view(worker);
      const contract = duty.type === "agent" ? application.contracts.get(duty.agent) : undefined;
      const agents =
        contract === undefined
          ? new Map()
          : new Map([
              [
                contract.spec.name as string,
                implementSimAgent(contract, worker, ground, watch, subject.answer),
              ],
            ]);
      return createHandler(duty, {
        ...own,
        door: doorFor(worker),
        agents,
        onLostLetter: (queue, body) => void lostLetters.push({ queue, body }),
      });
    },
    received: (task, waitedMs) => {
      const { waited } = recordOf(task.session);
      const name = attemptName(task);
      // A second message of an attempt waits behind the first, as it should.
      if (!waited.has(name)) waited.set(name, waitedMs);
    },
  });

  const stream = new LogStream(
    ground,
    (worker) => {
      const own = view(worker);
      return createRelay(own.engine, own);
    },
    ({ session, commit }) => {
      recordOf(session).relayed.set(commit.first, scheduler.now);
      timers.relayed(commit);
    },
  );

  const clients = new Clients(
    ground,
    {
      ingress: (worker) => createIngress(view(worker).engine),
      intake: (worker, record, caller, id, event) => {
        // A planned event is JSON, with the fields of an input and nothing else.
        const hash = digest.sha256(canonicalJson(event as JsonObject));
        const input = {
          kind: "event",
          source: caller.source,
          id,
          hash,
          correlation: id,
          ...event,
        } as EventInput;
        return view(worker).inbox.send(keyOf(record.key), input);
      },
    },
    setup.left,
  );

  log.onAppend((record) => observe(record));
  function observe(entry: StreamRecord): void {
    const record = recordOf(entry.session);
    // The very bytes that the runtime wrote a moment ago.
    const commit = parseCommit(entry, entry.commit);
    record.appended.push({ at: scheduler.now, writer, stored: entry.commit, commit });
    for (const { type, data } of commit.events) {
      if (type === "AttemptDispatched") record.dispatched.add(attemptName(data));
      else if (type === "EffectClaimed") record.claimed.add(attemptName(data));
      else if (type === "HumanAsked") clients.asked(record, data.ask);
    }
    stream.put(entry);
    follow(record, entry.commit, commit);
  }

  /** What cannot be folded is found when the log is read. */
  function follow(record: SessionRecord, stored: StreamRecord["commit"], commit: Commit): void {
    try {
      record.history.add(stored, commit);
    } catch {
      return;
    }
    timers.committed(record.key, stored, commit, record.history.final);
  }

  for (const input of scenario.inputs) clients.plan(input, recordOf(input.session));
  const quiet = await scheduler.run(MOST_HAPPENINGS, () => timers.check(scheduler.now));
  const { emerged } = clients;
  const { wedges } = timers;
  const slackMs = slackOf(chaos.drawn);
  return { records, log, resources, quiet, endedAt: scheduler.now, emerged, lostLetters, slackMs, wedges };
}

function engineVersions({ idWindow }: Scenario): readonly [EngineVersion, EngineVersion] {
  return [
    { limits: { idWindow, heldMs: 4_000, hops: MOST_HOPS }, mark: (commit) => commit },
    {
      limits: { idWindow: idWindow + 1, heldMs: 7_000, hops: MOST_HOPS - 5 },
      // A newer minor version: it writes a field that the other does not know.
      mark: (commit) => ({ ...commit, text: `${commit.text.slice(0, -1)},"minor":{"version":2}}` }),
    },
  ];
}

/** Breakers that open by the seed's will: for a while, for some agents. */
function createSimHealth({ seed, scheduler, chaos }: Ground, agents: readonly string[]): AgentHealth {
  let span = -1;
  let verdicts: Record<string, BreakerVerdict> = {};
  return {
    verdicts: () => {
      const now = Math.floor((scheduler.now - START) / BREAKER_SPAN_MS);
      if (now !== span) {
        span = now;
        verdicts = {};
        for (const agent of agents) {
          const site = `breaker ${agent} ${span}`;
          if (chaos.at(site, ["breaker-open"]) === undefined) continue;
          verdicts[agent] = between(seed, `${site} probe`, 0, 2) === 0 ? "probe" : "open";
        }
      }
      return Promise.resolve(verdicts);
    },
    report: () => undefined,
  };
}
