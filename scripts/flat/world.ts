import * as z from "zod";
import { defineAgent, type Agent } from "#core/contract.ts";
import { sequence, step, defineFlow } from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { parseTenantId, type SessionKey } from "#core/ids.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { SessionState } from "#core/session/state.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Marker, SessionLog, StoredCommit, StreamRecord } from "#ports/session-log.ts";
import { createAgentHost } from "#runtime/agents/create-agent-host.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import type { Engine } from "#runtime/session/engine.ts";

/** What went through the ports. */
export interface Traffic {
  calls: number;
  /** Bytes handed to the log and to blobs. */
  written: number;
  /** Bytes that the log and blobs handed out. */
  read: number;
}

/** One session of a small application on memory ports, with everything that its ports carry counted. */
export interface World {
  readonly traffic: Traffic;
  /** Sends a producer's event and runs all that follows from it, deadlines that fall due included. */
  event(): Promise<void>;
  state(): Promise<SessionState>;
  /** Everything that is stored, to begin another world with. */
  stored(): Promise<Stored>;
}

export interface Stored {
  readonly events: number;
  readonly now: number;
  readonly commits: readonly StoredCommit[];
  readonly markers: readonly Marker[];
  readonly blobs: readonly (readonly [string, string])[];
}

const KEY = {
  tenant: parseTenantId("flat"),
  session: "measured" as SessionKey["session"],
} satisfies SessionKey;
const CALLER = { tenant: KEY.tenant, source: "producer" };
const START_MS = Date.UTC(2030, 0, 1);
const BETWEEN_EVENTS_MS = 1_000;
const NOTE =
  "What the customer wrote and what was found out about it, in a sentence of fixed length. ".repeat(8);
const SUBSCRIBER = "subscriber";
const SECRET = "only measures, so it need not be a secret";

const text = (bytes: string) => bytes.length;

/** Agents of one shape; the flow uses the first two, the others are only there. */
function createAgents(count: number): readonly Agent[] {
  const output = z.object({ note: z.string(), turn: z.number() });
  return Array.from({ length: count }, (_, index) => {
    const reads = index === 0 ? ["input"] : ["input", "agent0"];
    const contract = defineAgent({ name: `agent${index}`, reads, output });
    return contract.implement(({ context }) => ({ note: NOTE, turn: context.input.turn }));
  });
}

function countedLog(log: SessionLog, traffic: Traffic, markers: Marker[]): SessionLog {
  const reading = async (read: Promise<readonly StoredCommit[]>) => {
    traffic.calls += 1;
    const commits = await read;
    for (const commit of commits) traffic.read += text(commit.text);
    return commits;
  };
  return {
    readings: log.readings,
    readTail: (key) => reading(log.readTail(key)),
    readAfter: (key, sequence, limit) => reading(log.readAfter(key, sequence, limit)),
    readUpTo: (key, sequence) => reading(log.readUpTo(key, sequence)),
    append(key, commit) {
      traffic.calls += 1;
      traffic.written += text(commit.text);
      return log.append(key, commit);
    },
    async readMarker(key, source, id) {
      traffic.calls += 1;
      const marker = await log.readMarker(key, source, id);
      traffic.read += marker === undefined ? 0 : text(JSON.stringify(marker));
      return marker;
    },
    writeMarkers(key, written) {
      traffic.calls += 1;
      traffic.written += text(JSON.stringify(written));
      markers.push(...written);
      return log.writeMarkers(key, written);
    },
    flows: {
      put(hash, flow) {
        traffic.calls += 1;
        traffic.written += text(flow);
        return log.flows.put(hash, flow);
      },
      async get(hash) {
        traffic.calls += 1;
        const flow = await log.flows.get(hash);
        traffic.read += text(flow ?? "");
        return flow;
      },
    },
  };
}

function countedBlobs(blobs: Blobs, traffic: Traffic, kept: Map<string, string>): Blobs {
  return {
    put(key, value) {
      traffic.calls += 1;
      traffic.written += text(value);
      kept.set(key, value);
      return blobs.put(key, value);
    },
    async get(key) {
      traffic.calls += 1;
      const value = await blobs.get(key);
      traffic.read += text(value ?? "");
      return value;
    },
    link: (key, forMs) => blobs.link(key, forMs),
  };
}

export async function createWorld(agentCount: number, from?: Stored): Promise<World> {
  const traffic: Traffic = { calls: 0, written: 0, read: 0 };
  const log = createMemorySessionLog();
  const blobs = createMemoryBlobs();
  const markers: Marker[] = [...(from?.markers ?? [])];
  const kept = new Map(from?.blobs);
  for (const commit of from?.commits ?? []) await log.append(KEY, commit);
  await log.writeMarkers(KEY, markers);
  for (const [key, value] of kept) await blobs.put(key, value);

  const records: StreamRecord[] = [];
  log.onAppend((record) => void records.push(record));
  const clock = createMovableClock(from?.now ?? START_MS);
  const digest = createNodeDigest();
  const agents = createAgents(agentCount);
  const [first, second] = agents.map(({ contract }) => contract.spec.name);
  const flow = defineFlow({
    name: "measured",
    on: "Asked",
    plan: sequence(step(first ?? ""), step(second ?? "")),
  });
  const waiting: TaskMessage[] = [];
  const sent = new Set<string>();
  const engine: Engine = {
    application: defineApplication({ agents: agents.map(({ contract }) => contract), flows: [flow] }, digest),
    log: countedLog(log, traffic, markers),
    blobs: countedBlobs(blobs, traffic, kept),
    clock,
    ids: createSeededIds(`${agentCount}/${from?.events ?? 0}`),
    digest,
    health: createMemoryAgentHealth(clock),
    heartbeats: createMemoryHeartbeats(clock),
    tokens: createHmacTokens(SECRET),
    dispatch: {
      send(tasks) {
        traffic.calls += tasks.length;
        // As the agents' queues do: the second send of an attempt is dropped.
        for (const task of tasks) {
          const attempt = `${task.task}/${task.attempt}`;
          if (sent.has(attempt)) continue;
          sent.add(attempt);
          waiting.push(task);
        }
        return Promise.resolve();
      },
    },
  };
  const armed: number[] = [];
  const counted = (): Promise<void> => {
    traffic.calls += 1;
    return Promise.resolve();
  };
  const progress = createMemoryDeliveryProgress();
  await progress.advance(KEY, new Map([[SUBSCRIBER, from?.commits.at(-1)?.last ?? 0]]));
  const relay = createRelay(engine, {
    deadlines: {
      arm: (_key, at) => {
        armed.push(at);
        return counted();
      },
    },
    publish: {
      async publish() {
        await counted();
        return [];
      },
    },
    ordered: {
      log: engine.log,
      progress: {
        ...progress,
        reached: (key) => {
          traffic.calls += 1;
          return progress.reached(key);
        },
        advance: (key, reached) => {
          traffic.calls += 1;
          return progress.advance(key, reached);
        },
      },
      subscriptions: { names: [SUBSCRIBER], deliver: counted },
    },
  });
  const ingress = createIngress(engine);
  const door = createDoor(engine);
  const coordinator = createCoordinator(engine);
  const noQueue = { send: () => Promise.reject(new Error("This world's door is never busy.")) };
  const ports = { door, answers: noQueue, clock, ids: engine.ids, fetchView: () => Promise.resolve("null") };
  const hosts = new Map(
    agents.map((agent) => [agent.contract.spec.name, createAgentHost([agent], ports)] as const),
  );
  let events = from?.events ?? 0;

  const runOn = async () => {
    while (records.length > 0 || waiting.length > 0) {
      const task = waiting.shift();
      if (task !== undefined) await hosts.get(task.agent)?.({ message: task, receiveCount: 1 });
      await relay(records.splice(0));
    }
  };
  const fireDeadlines = async () => {
    for (const at of armed.splice(0)) {
      if (at > clock.now()) {
        armed.push(at);
        continue;
      }
      const body = JSON.stringify({ ...KEY, input: { kind: "deadline", at } });
      await coordinator.inbox([{ id: String(at), body }]);
      await runOn();
    }
  };

  return {
    traffic,
    async event() {
      clock.advanceBy(BETWEEN_EVENTS_MS);
      await fireDeadlines();
      events += 1;
      sent.clear();
      const data = { turn: 1_000_000 + events, text: NOTE };
      const id = `event-${String(events).padStart(7, "0")}`;
      await ingress.send(CALLER, KEY.session, { id, type: "Asked", data });
      await runOn();
    },
    state: () => createSessionReader(engine).current(KEY),
    stored: async () => ({
      events,
      now: clock.now(),
      commits: await log.readAfter(KEY, 0, Infinity),
      markers: [...markers],
      blobs: [...kept],
    }),
  };
}
