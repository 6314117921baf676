import { openAskIds } from "#core/session/decide/asked.ts";
import { liveRuns, type SessionState } from "#core/session/state.ts";
import type { Summary } from "#core/session/summary/summary.ts";

/** What a state says itself of what the outline keeps of it. */
export function tellOf(state: SessionState) {
  const tasks = Object.values(state.tasks);
  const waits = liveRuns(state).flatMap(({ steps }) =>
    Object.values(steps).flatMap((step) =>
      step.status === "open" && step.kind === "wait" ? [step.event] : [],
    ),
  );
  return {
    runs: Object.keys(state.runs).toSorted(),
    tasks: tasks.map(({ id, phase }) => [id, phase.name === "claimed"] as const).toSorted(),
    agents: tasks.map(({ agent }) => agent).toSorted(),
    waits: waits.toSorted(),
    asks: openAskIds(state).toSorted(),
    held: Object.values(state.ordinals)
      .flatMap(({ held }) => Object.keys(held).map(Number))
      .toSorted((a, b) => a - b),
    stopped: state.status === "stopped",
    deadline: state.deadline,
    time: state.time,
  };
}

/** The same, as a summary's outline says it. */
export function toldBy({ newest }: Summary): ReturnType<typeof tellOf> {
  const tasks = Object.entries(newest.tasks);
  const asked = [...Object.values(newest.tasks), ...newest.waits];
  return {
    runs: Object.keys(newest.runs).toSorted(),
    tasks: tasks.map(([id, { claimed = false }]) => [id as never, claimed] as const).toSorted(),
    agents: tasks.map(([, { agent }]) => agent).toSorted(),
    waits: newest.waits.flatMap(({ event }) => event ?? []).toSorted(),
    asks: asked.flatMap(({ ask }) => ask ?? []).toSorted(),
    held: newest.held.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b),
    stopped: newest.stopped === true,
    deadline: newest.deadline,
    time: newest.time,
  };
}
