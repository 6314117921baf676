import { HOST_PAUSE_MS } from "#core/flow/bounds.ts";
import type { AgentHealth, Heartbeats } from "#ports/agents.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { Dispatch, AnswerQueue, Inbox, RelayRetries } from "#ports/queues.ts";
import type { DeliveryProgress, OrderedSubscriptions, Publish } from "#ports/publish.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { ReadyTokens } from "#ports/secrets.ts";
import type { Engine } from "#runtime/session/engine.ts";
import type { Sealing } from "#runtime/sealing/sealing.ts";
import type { DeliveryPorts } from "#runtime/relay/deliver-in-order.ts";
import type { IntakeQueue } from "#testing/in-process/in-process-queues.ts";
import type { EngineVersion } from "./releases.ts";
import { OFFERS, type Worker } from "./worker.ts";

/** The spine's resources, as they are without anything going wrong. */
export interface Resources {
  readonly log: SessionLog;
  readonly blobs: Blobs;
  readonly health: AgentHealth;
  readonly heartbeats: Heartbeats;
  readonly tokens: ReadyTokens;
  readonly dispatch: Dispatch;
  readonly intake: IntakeQueue;
  readonly inbox: Inbox;
  readonly answers: AnswerQueue;
  readonly deadlines: Deadlines;
  readonly retries: RelayRetries;
  readonly publish: Publish;
  readonly subscriptions: OrderedSubscriptions;
  readonly progress: DeliveryProgress;
  readonly index: Pick<SessionIndex, "get" | "put" | "close" | "remove">;
}

/** What stands in the log's table, or is made of it: a restored one has its own. */
export type OfTable = "log" | "progress" | "index";

/** Everything that one worker stands on: each call leaves it, takes time and may go wrong. */
export interface WorkerView {
  readonly engine: Engine;
  readonly intake: IntakeQueue;
  readonly inbox: Inbox;
  readonly answers: AnswerQueue;
  readonly deadlines: Deadlines;
  readonly retries: RelayRetries;
  readonly publish: Publish;
  readonly ordered: DeliveryPorts;
  readonly index: Resources["index"];
  /** Where the tenant has personal values, of a worker that may open them. */
  readonly sealing?: Sealing;
}

export function portsOf(
  worker: Worker,
  real: Resources,
  version: EngineVersion,
  wrote: (worker: Worker) => void,
): WorkerView {
  const { read, write, append } = OFFERS;
  const { log, blobs } = real;
  const { words } = version;
  const readAll = async (commits: Promise<readonly StoredCommit[]>) =>
    (await commits).map((one) => words.read(one));
  const readAfter: SessionLog["readAfter"] = (key, sequence, limit) =>
    worker.call("log.readAfter", read, () => readAll(log.readAfter(key, sequence, limit)));
  return {
    engine: {
      application: version.application,
      health: real.health,
      heartbeats: {
        beat: (attempt, at) => worker.call("heartbeats.beat", write, () => real.heartbeats.beat(attempt, at)),
        last: (attempts) => worker.call("heartbeats.last", read, () => real.heartbeats.last(attempts)),
      },
      digest: words.digest,
      tokens: real.tokens,
      clock: worker.clock,
      ids: worker.ids,
      limits: version.limits,
      form: version.form,
      pauseMs: HOST_PAUSE_MS,
      log: {
        readings: log.readings,
        readTail: (key) => worker.call("log.readTail", read, () => readAll(log.readTail(key))),
        readAfter,
        readUpTo: (key, sequence) =>
          worker.call("log.readUpTo", read, () => readAll(log.readUpTo(key, sequence))),
        append: (key, commit) =>
          worker.call("log.append", append, async () => {
            wrote(worker);
            const appended = await log.append(key, words.write(version.mark(commit)));
            return appended === "conflict" ? appended : words.read(appended);
          }),
        readMarker: (key, source, id) =>
          worker.call("log.readMarker", read, () => log.readMarker(key, source, id)),
        writeMarkers: (key, markers) =>
          worker.call("log.writeMarkers", write, () => log.writeMarkers(key, markers)),
        flows: {
          put: (hash, text) => worker.call("flows.put", write, () => log.flows.put(hash, text)),
          get: (hash) => worker.call("flows.get", read, () => log.flows.get(hash)),
        },
      },
      blobs: {
        put: (key, text) => worker.call("blobs.put", write, () => blobs.put(key, text)),
        get: (key) => worker.call("blobs.get", read, () => blobs.get(key)),
        link: (key, forMs) => blobs.link(key, forMs),
      },
      dispatch: { send: (tasks) => worker.call("dispatch.send", write, () => real.dispatch.send(tasks)) },
    },
    intake: {
      send: (events) => worker.call("intake.send", write, () => real.intake.send(events)),
      refuse: (events) => worker.call("intake.refuse", write, () => real.intake.refuse(events)),
    },
    inbox: { send: (...all) => worker.call("inbox.send", write, () => real.inbox.send(...all)) },
    answers: { send: (answer) => worker.call("answers.send", write, () => real.answers.send(answer)) },
    deadlines: { arm: (key, at) => worker.call("deadlines.arm", write, () => real.deadlines.arm(key, at)) },
    retries: {
      keep: (places, seconds) =>
        worker.call("retries.keep", write, () => real.retries.keep(places, seconds)).catch(() => places),
    },
    index: {
      get: (key) => worker.call("index.get", read, () => real.index.get(key)),
      put: (...given) => worker.call("index.put", write, () => real.index.put(...given)),
      close: (key) => worker.call("index.close", write, () => real.index.close(key)),
      remove: (key) => worker.call("index.remove", write, () => real.index.remove(key)),
    },
    publish: { publish: (advances) => worker.call("publish", write, () => real.publish.publish(advances)) },
    ordered: {
      log: { readAfter, readings: log.readings },
      subscriptions: {
        names: real.subscriptions.names,
        deliver: (name, advance) =>
          worker.call("subscriptions.deliver", write, () => real.subscriptions.deliver(name, advance)),
      },
      progress: {
        reached: (key) => worker.call("progress.reached", read, () => real.progress.reached(key)),
        advance: (key, reached) =>
          worker.call("progress.advance", write, () => real.progress.advance(key, reached)),
        remove: (key) => worker.call("progress.remove", write, () => real.progress.remove(key)),
      },
    },
  };
}
