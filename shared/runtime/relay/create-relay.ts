import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { Publish } from "#ports/publish.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import type { SpanStart } from "#ports/tracer.ts";
import type { RelayPart } from "#ports/queues.ts";
import { advanceOf } from "../session/advance-of.ts";
import type { Engine } from "../session/engine.ts";
import { inSpan } from "../session/in-span.ts";
import { startBudget, type Budget } from "./budget.ts";
import { deliverInOrder, type DeliveryBudgets, type DeliveryPorts } from "./deliver-in-order.ts";
import { performDirectives } from "./perform-directives.ts";
import { publishAll } from "./publish-all.ts";
import { RELAY_PARTS, type Relay, type RelayWork } from "./relay-work.ts";

export interface RelayPorts {
  readonly deadlines: Deadlines;
  readonly publish: Publish;
  /** Who has subscribed in order. @default nobody */
  readonly ordered?: DeliveryPorts;
  /** Opens what is sealed in a commit, for whom it is dispatched to; it is published as it is stored. @default nothing is */
  readonly open?: (record: StreamRecord) => Promise<StreamRecord>;
  /** Told once of each session that begins. @default sessions stay for ever */
  readonly retention?: { began(key: SessionKey, at: number): Promise<void> };
}

/** A commit of a batch, and what is left of it. */
interface Running {
  readonly work: RelayWork;
  readonly commit: Commit;
  readonly advance: SessionAdvanced;
  readonly left: Set<RelayPart>;
}

/**
 * Performs every commit's directives once more, from the log's stream: dispatches again, arms deadlines, publishes. Of a batch
 * all directives first, its sessions side by side: nobody outside may keep a session from going on. Then subscribers in order
 * and the bus, each as far as it goes until its time is up. Gives back what is left to do; one commit never fails
 * another, and one part no other. All of it may happen twice.
 */
export function createRelay(engine: Engine, ports: RelayPorts): Relay {
  const { onTrouble } = engine;

  const begin = (work: RelayWork): Running | undefined => {
    try {
      const commit = parseCommit(work, work.commit);
      const advance = advanceOf(engine, commit, work.commit.text);
      return { work, commit, advance, left: new Set(work.left ?? RELAY_PARTS) };
    } catch (error) {
      onTrouble?.(error, `relaying ${nameOf(work)}`);
      return undefined;
    }
  };

  const direct = async ({ work, commit, left }: Running, budget: Budget): Promise<void> => {
    try {
      const { tracer } = engine;
      const performing = inSpan(tracer, spanOf(commit), () => performDirectives(engine, ports, work, commit));
      await budget.within(performing);
      left.delete("directives");
    } catch (error) {
      onTrouble?.(error, `relaying ${nameOf(work)}`);
    }
  };

  const deliver = async (running: readonly Running[], budgets: DeliveryBudgets): Promise<void> => {
    const { ordered } = ports;
    const due = running.filter(({ left }) => left.has("subscriptions"));
    await Promise.all(
      bySession(due).map(async ({ key, own }) => {
        const dues = own.map(({ advance, work }) => ({ advance, again: work.again === true }));
        const missed = ordered === undefined ? [] : await deliverInOrder(engine, ordered, key, dues, budgets);
        for (const { advance, left } of own) if (!missed.includes(advance)) left.delete("subscriptions");
      }),
    );
  };

  const publish = async (running: readonly Running[], budget: Budget): Promise<void> => {
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
      await Promise.all(
        running.filter(({ left }) => left.has("directives")).map((one) => direct(one, budget)),
      );
      if (outsideMs !== undefined)
        outside = startBudget(engine.clock, Math.min(engine.clock.now() + outsideMs, endsAt ?? Infinity));
      await Promise.all([deliver(running, { outside, whole: budget }), publish(running, outside)]);
      return works.flatMap((work, at) => leftOf(work, begun[at]));
    } finally {
      outside.end();
      budget.end();
    }
  };
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

interface OfSession {
  readonly key: SessionKey;
  readonly own: Running[];
}

function bySession(running: readonly Running[]): readonly OfSession[] {
  const sessions = new Map<string, OfSession>();
  for (const one of running) {
    const { tenant, session } = one.commit;
    const name = sessionKeyText(one.commit);
    const known = sessions.get(name);
    if (known === undefined) sessions.set(name, { key: { tenant, session }, own: [one] });
    else known.own.push(one);
  }
  return [...sessions.values()];
}

function leftOf(work: RelayWork, running: Running | undefined): readonly RelayWork[] {
  if (running === undefined) return [work];
  return running.left.size === 0 ? [] : [{ ...work, left: [...running.left] }];
}

const nameOf = (record: StreamRecord): string => `commit ${record.commit.first} of ${sessionKeyText(record)}`;
