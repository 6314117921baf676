import { SpineError } from "#core/errors.ts";
import { HOST_PAUSE_MS } from "#core/flow/bounds.ts";
import type { Application } from "#core/flow/compile.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { AgentHealth, Heartbeats } from "#ports/agents.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Digest, ReadyTokens } from "#ports/secrets.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { Engine } from "#runtime/session/engine.ts";
import type { QueuePorts } from "#testing/in-process/in-process-queues.ts";
import { CallTimeout, ServiceError, type Environment } from "../kernel/environment.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { LatencyName } from "../params.ts";

/** What is the same for every function of the spine, as it is without anything going wrong. */
export interface SpineResources {
  readonly application: Application;
  readonly log: SessionLog;
  readonly blobs: Blobs;
  readonly health: AgentHealth;
  readonly tenantBreakers: boolean;
  readonly heartbeats: Heartbeats;
  readonly tokens: ReadyTokens;
  readonly digest: Digest;
  readonly ids: Ids;
  readonly queues: QueuePorts;
  /** What kind of queue agents have. */
  readonly agentHop: "sqsFifo" | "sqsStandard";
}

/** What one invocation stands on: every call takes the SDK's CPU and the service's time, and may go wrong. */
export interface SpinePorts {
  readonly engine: Engine;
  readonly queues: QueuePorts;
  /** Called when the invocation has appended a commit. */
  onAppend: () => void;
}

/** Virtual time begins here: ids and links need a date. */
export const EPOCH = 1_800_000_000_000;

export function portsOf(environment: Environment, resources: SpineResources): SpinePorts {
  const { log, blobs, queues, heartbeats } = resources;
  const call = async <T>(service: LatencyName, operation: string, perform: () => Promise<T>): Promise<T> => {
    try {
      return await environment.call(service, operation, perform);
    } catch (error) {
      throw translated(error, operation);
    }
  };
  const read = <T>(perform: () => Promise<T>) => call("read", "Query", perform);
  /** The hop's time begins before the send, so that a message may be at its function before its sender knows that it was taken. */
  const sent = (hop: "sqsFifo" | "sqsStandard", perform: () => Promise<void>): Promise<void> => {
    const { kernel, label } = environment;
    const shownAt = kernel.now + kernel.latency(label, hop);
    return call("send", "SendMessage", () => {
      kernel.at(shownAt, () => void perform());
      return Promise.resolve();
    });
  };
  const ports: SpinePorts = {
    onAppend: () => undefined,
    engine: {
      ...resources,
      clock: clockOf(environment),
      pauseMs: HOST_PAUSE_MS,
      log: {
        readTail: (key) => read(() => log.readTail(key)),
        readAfter: (key, sequence, limit) => read(() => log.readAfter(key, sequence, limit)),
        readUpTo: (key, sequence) => read(() => log.readUpTo(key, sequence)),
        append: (key, commit) =>
          call("write", "PutItem", async () => {
            const outcome = await log.append(key, commit);
            if (outcome !== "conflict") ports.onAppend();
            return outcome;
          }),
        readMarker: (key, source, id) => call("read", "GetItem", () => log.readMarker(key, source, id)),
        writeMarkers: (key, markers) => call("write", "BatchWriteItem", () => log.writeMarkers(key, markers)),
        flows: {
          // A deployed process has its engine from its first invocation on, which puts a flow once.
          put: async (hash, text) => {
            const put = environment.process.kept("flows", () => new Set<string>());
            if (put.has(hash)) return;
            await call("write", "PutItem", () => log.flows.put(hash, text));
            put.add(hash);
          },
          get: (hash) => call("read", "GetItem", () => log.flows.get(hash)),
        },
      },
      blobs: {
        put: (key, text) => call("write", "PutObject", () => blobs.put(key, text)),
        get: (key) => call("read", "GetObject", () => blobs.get(key)),
        link: (key, forMs) => blobs.link(key, forMs),
      },
      heartbeats: {
        beat: (attempt, at) => call("write", "PutItem", () => heartbeats.beat(attempt, at)),
        last: (attempts) => read(() => heartbeats.last(attempts)),
      },
      dispatch: {
        // One request a queue: agents have queues of their own.
        send: async (tasks) => {
          await Promise.all(
            tasks.map((task) => sent(resources.agentHop, () => queues.dispatch.send([task]))),
          );
        },
      },
    },
    queues: {
      dispatch: queues.dispatch,
      intake: queues.intake,
      inbox: { send: (...messages) => sent("sqsFifo", () => queues.inbox.send(...messages)) },
      answers: { send: (answer) => sent("sqsFifo", () => queues.answers.send(answer)) },
      deadlines: { arm: (key, at) => sent("sqsStandard", () => queues.deadlines.arm(key, at)) },
      retries: {
        keep: async (places, seconds) => {
          try {
            await sent("sqsStandard", () => queues.retries.keep(places, seconds).then(() => undefined));
            return [];
          } catch {
            return places;
          }
        },
      },
    },
  };
  return ports;
}

/** As adapters translate what the SDK throws. */
export function translated(error: unknown, what: string): unknown {
  if (error instanceof ServiceError && error.kind === "throttled")
    return new SpineError("log.unavailable", `${what} is throttled.`, {
      retryable: true,
      details: { effect: "not-done" },
    });
  if (error instanceof ServiceError || error instanceof CallTimeout)
    return new SpineError("log.unavailable", `No answer from ${what}.`, { retryable: true });
  return error;
}

function clockOf(environment: Environment): Clock {
  const { kernel } = environment;
  return {
    now: () => EPOCH + kernel.now,
    sleep: (ms) => environment.sleep(ms),
    alarm: (at) => alarmAt(kernel, at),
  };
}

function alarmAt(kernel: Kernel, at: number): ReturnType<Clock["alarm"]> {
  const controller = new AbortController();
  // Given a reason, it makes none with a stack for each.
  const ring = () => controller.abort("the time is over");
  const appointment = kernel.at(at - EPOCH, ring);
  const cancel = () => void (appointment.happening = undefined);
  return {
    signal: controller.signal,
    cancel,
    ring: () => {
      cancel();
      ring();
    },
  };
}
