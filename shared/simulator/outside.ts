import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { Dispatch } from "#ports/queues.ts";
import type { Heartbeats } from "#ports/agents.ts";
import type { OrderedSubscriptions, Publish } from "#ports/publish.ts";
import type { QueuePorts } from "#testing/in-process/in-process-queues.ts";
import { attemptName } from "./sim-names.ts";
import type { Records } from "./observations.ts";
import { Spells } from "./spells.ts";
import type { TimerWatch } from "./timer-watch.ts";
import { createSimDeadlines } from "./timers.ts";
import type { Ground } from "./worker.ts";

/** The services that directives reach: they note what came, and may be out of order. */
export interface Outside {
  readonly dispatch: Dispatch;
  readonly deadlines: Deadlines;
  readonly publish: Publish;
  readonly subscriptions: OrderedSubscriptions;
}

/** Notes when heartbeats are taken. */
export function watchHeartbeats(records: Records, now: () => number): Heartbeats {
  const heartbeats = createMemoryHeartbeats({ now });
  return {
    ...heartbeats,
    beat: (attempt, at) => {
      const { beats } = records.of(attempt.session);
      const name = attemptName(attempt);
      beats.set(name, [...(beats.get(name) ?? []), { at, taken: now() }]);
      return heartbeats.beat(attempt, at);
    },
  };
}

const OUTAGE_SPAN_MS = 600_000;

export function createOutside(
  ground: Ground,
  records: Records,
  ports: QueuePorts,
  timers: TimerWatch,
): Outside {
  const { scheduler } = ground;
  const busOutage = new Spells(ground, "bus-outage", OUTAGE_SPAN_MS);
  return {
    deadlines: createSimDeadlines(ground, ports, timers),
    dispatch: {
      send: (tasks) => {
        for (const task of tasks) {
          const { sent, dispatched } = records.of(task.session);
          const name = attemptName(task);
          const first = sent.get(name);
          if (first !== undefined) {
            first.last = scheduler.now;
            continue;
          }
          sent.set(name, {
            task: task.task,
            attempt: task.attempt,
            committedAt: task.committedAt,
            committed: dispatched.has(name),
            at: scheduler.now,
            last: scheduler.now,
          });
        }
        return ports.dispatch.send(tasks);
      },
    },
    publish: {
      publish: (advances) => {
        if (busOutage.left > 0)
          return Promise.resolve(advances.map((advance) => ({ advance, reason: "The bus is down" })));
        for (const { session, first, hash } of advances)
          records.of(session).published.push({ session, first, hash });
        return Promise.resolve([]);
      },
    },
    subscriptions: {
      names: ["subscriber"],
      deliver: (_name, { session, first, hash }) => {
        records.of(session).delivered.push({ session, first, hash });
        return Promise.resolve();
      },
    },
  };
}
