import { grouped } from "#core/grouped.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { Publish } from "#ports/publish.ts";
import type { StoredCommit, StreamRecord } from "#ports/session-log.ts";
import type { SpanStart } from "#ports/tracer.ts";
import type { RelayPart } from "#ports/queues.ts";
import { advanceOf } from "../session/advance-of.ts";
import type { Engine } from "../session/engine.ts";
import { isRetryable } from "../session/retryable.ts";
import { inSpan } from "../session/in-span.ts";
import { createWholeCommits } from "../session/known-flows.ts";
import { startBudget, type Budget } from "./budget.ts";
import { deliverInOrder, type DeliveryBudgets, type DeliveryPorts } from "./deliver-in-order.ts";
import { handedOf, performDirectives, performHandOver, type HasArrived } from "./perform-directives.ts";
import type { Indexing } from "./create-indexing.ts";
import { publishAll } from "./publish-all.ts";
import { RELAY_PARTS, type Relay, type RelayWork } from "./relay-work.ts";
import { readCommit } from "../session/read-commit.ts";

export interface RelayPorts {
  readonly deadlines: Deadlines;
  readonly publish: Publish;
  /** Who has subscribed in order. @default nobody */
  readonly ordered?: DeliveryPorts;
  /** Opens what is sealed in a commit, for whom it is dispatched to; it is published as it is stored. @default nothing is */
  readonly open?: (record: StreamRecord) => Promise<StreamRecord>;
  /** Told once of each session that begins. @default sessions stay for ever */
  readonly retention?: { began(key: SessionKey, at: number): Promise<void> };
  /** Keeps the list of sessions. @default there is none */
  readonly indexing?: Indexing;
}

/** A commit of a batch, and what is left of it. */
interface Running {
  readonly work: RelayWork;
  readonly commit: Commit;
  readonly left: Set<RelayPart>;
}

/** A commit that somebody is still to be told of. */
interface Told extends Running {
  readonly advance: SessionAdvanced;
}

/**
 * Performs every commit's directives once more, from the log's stream: dispatches again, arms deadlines, publishes. Of a batch
 * all directives first, its sessions side by side: nobody outside may keep a session from going on. Then subscribers in order
 * and the bus, each as far as it goes until its time is up. Gives back what is left to do; one commit never fails
 * another, and one part no other. All of it may happen twice.
 */
export function createRelay(engine: Engine, ports: RelayPorts): Relay {
  const { onTrouble } = engine;
  const whole = createWholeCommits(engine);

  const begin = (work: RelayWork): Running | undefined => {
    try {
      const commit = readCommit(engine.log, work, work.commit);
      const left = new Set(work.left ?? RELAY_PARTS);
      if (ports.indexing === undefined) left.delete("index");
      return { work, commit, left };
    } catch (error) {
      onTrouble?.(error, `relaying ${nameOf(work)}`);
      return undefined;
    }
  };

  const direct = async (
    { work, commit, left }: Running,
    hasArrived: HasArrived,
    budget: Budget,
  ): Promise<void> => {
    try {
      const { tracer } = engine;
      const performing = inSpan(tracer, spanOf(commit), () =>
        performDirectives(engine, ports, { work, commit }, hasArrived),
      );
      await budget.within(performing);
      left.delete("directives");
    } catch (error) {
      onTrouble?.(error, `relaying ${nameOf(work)}`);
    }
  };

  const handOver = async ({ work, commit, left }: Running, budget: Budget): Promise<void> => {
    try {
      if (await budget.within(performHandOver(engine, ports, work, commit))) left.delete("hand-over");
    } catch (error) {
      onTrouble?.(error, `handing over the task of ${nameOf(work)}`);
    }
  };

  /** What others are told of a commit; nothing if that cannot be made now. */
  const tell = async (running: Running, budget: Budget): Promise<Told | undefined> => {
    const { work, commit } = running;
    try {
      const told = flowsApart(commit).length === 0 ? commit : await budget.within(whole(commit));
      return { ...running, advance: advanceOf(engine, told, work.commit.text) };
    } catch (error) {
      onTrouble?.(error, `publishing ${nameOf(work)}`);
      return undefined;
    }
  };

  const deliver = async (running: readonly Told[], budgets: DeliveryBudgets): Promise<void> => {
    const { ordered } = ports;
    const due = running.filter(({ left }) => left.has("subscriptions"));
    await Promise.all(
      [...grouped(due, ({ commit }) => sessionKeyText(commit)).values()].map(async (own) => {
        const [first] = own;
        if (first === undefined) return;
        const { tenant, session } = first.commit;
        const dues = own.map(({ advance, work }) => ({ advance, again: work.again === true }));
        const missed =
          ordered === undefined
            ? []
            : await deliverInOrder({ ...engine, whole }, ordered, { tenant, session }, dues, budgets);
        for (const { advance, left } of own) if (!missed.includes(advance)) left.delete("subscriptions");
      }),
    );
  };

  const list = async (running: readonly Running[], budget: Budget): Promise<void> => {
    const due = running.filter(({ left }) => left.has("index"));
    await Promise.all(
      [...grouped(due, ({ commit }) => sessionKeyText(commit)).values()].map(async (own) => {
        const [first] = own;
        if (first === undefined || ports.indexing === undefined) return;
        const commits = own.map(({ commit }) => commit).toSorted((a, b) => a.first - b.first);
        try {
          const again = own.some(({ work, commit }) => work.again === true && commit.first === 1);
          await budget.within(ports.indexing(first.commit, commits, again));
          for (const { left } of own) left.delete("index");
        } catch (error) {
          onTrouble?.(error, `listing ${sessionKeyText(first.commit)}`);
          // What is wrong with a log is told to all who read it; a later try would find the same.
          if (!isRetryable(error)) for (const { left } of own) left.delete("index");
        }
      }),
    );
  };

  const publish = async (running: readonly Told[], budget: Budget): Promise<void> => {
    const due = running.filter(({ left }) => left.has("bus"));
    const advances = due.map(({ advance }) => advance);
    const missed = new Set(await publishAll(engine, ports.publish, advances, budget));
    for (const { advance, left } of due) if (!missed.has(advance)) left.delete("bus");
  };

  return async (works, { endsAt, outsideMs } = {}) => {
    const budget = startBudget(engine.clock, endsAt);
    let outside = budget;
    try {
      const begun = works.map(begin);
      const running = begun.filter((one) => one !== undefined);
      const hasArrived = arrivedIn(engine, running);
      for (const { commit, left } of running)
        if (handedOf(commit).every((order) => hasArrived(commit, order))) left.delete("hand-over");
      await Promise.all([
        ...running.filter(({ left }) => left.has("directives")).map((one) => direct(one, hasArrived, budget)),
        ...running.filter(({ left }) => left.has("hand-over")).map((one) => handOver(one, budget)),
      ]);
      if (outsideMs !== undefined)
        outside = startBudget(engine.clock, Math.min(engine.clock.now() + outsideMs, endsAt ?? Infinity));
      const unheard = running.filter(({ left }) => left.has("subscriptions") || left.has("bus"));
      const all = await Promise.all(unheard.map((one) => tell(one, outside)));
      const told = all.filter((one) => one !== undefined);
      await Promise.all([
        deliver(told, { outside, whole: budget }),
        publish(told, outside),
        list(running, outside),
      ]);
      return works.flatMap((work, at) => leftOf(work, begun[at]));
    } finally {
      outside.end();
      budget.end();
    }
  };
}

/**
 * Which tasks arrived, as the commits of a batch and those that were read with them show: somebody has claimed or answered them. Most have
 * been before their commit is relayed.
 */
function arrivedIn({ log }: Pick<Engine, "log">, running: readonly Running[]): HasArrived {
  const arrived = new Set<string>();
  const note = (commit: Commit): void => {
    for (const { kind, id } of commit.inputs)
      if (kind === "answer" || kind === "claim") arrived.add(`${sessionKeyText(commit)} ${id}`);
  };
  const noted = new Set<StoredCommit>();
  for (const { work, commit } of running) {
    note(commit);
    for (const stored of work.later ?? []) {
      if (noted.has(stored)) continue;
      noted.add(stored);
      try {
        note(readCommit(log, work, stored));
      } catch {
        // The end of the session, or of another version: it says nothing of what arrived, and keeps no commit before it.
      }
    }
  }
  return (key, { task, attempt }) => arrived.has(`${sessionKeyText(key)} ${task}/${attempt}`);
}

/** In the trace of the input that the commit answers first, whichever batch it came in. */
const spanOf = ({ tenant, session, first, last, inputs }: Commit): SpanStart => ({
  name: "relay",
  kind: "consumer",
  parent: inputs.find(({ traceparent }) => traceparent !== undefined)?.traceparent,
  attributes: {
    "event_spine.tenant": tenant,
    "event_spine.session": session,
    "event_spine.first": first,
    "event_spine.last": last,
  },
});

function leftOf(work: RelayWork, running: Running | undefined): readonly RelayWork[] {
  if (running === undefined) return [work];
  return running.left.size === 0 ? [] : [{ ...work, left: [...running.left] }];
}

const nameOf = (record: StreamRecord): string => `commit ${record.commit.first} of ${sessionKeyText(record)}`;
