import type { RecordedEvent } from "#core/session/events.ts";
import { WIDE_FORK } from "#core/session/places.ts";

const isBelow = (step: string, above: string): boolean => step.startsWith(`${above}/`);

/** Tasks of maps and wide forks: their answers take the queue, so that they do not race at the door. */
export function crowdedTasks(events: readonly RecordedEvent[]): ReadonlySet<string> {
  const tasks = events.flatMap(({ type, data }) => (type === "TaskCreated" ? [data] : []));
  const maps = events.flatMap(({ type, data }) => (type === "MapStarted" ? [data.step] : []));
  const forks = events.flatMap(({ type, data }) =>
    type === "StepStarted" && data.kind === "parallel" ? [data.step] : [],
  );
  const branchOf = (step: string, fork: string) => step.slice(fork.length + 1).split("/", 1)[0];
  const wide = forks.filter((fork) => {
    const below = tasks.filter(({ step }) => isBelow(step, fork));
    return new Set(below.map(({ step }) => branchOf(step, fork))).size > WIDE_FORK;
  });
  const crowds = [...maps, ...wide];
  return new Set(
    tasks.filter(({ step }) => crowds.some((crowd) => isBelow(step, crowd))).map(({ task }) => task),
  );
}
