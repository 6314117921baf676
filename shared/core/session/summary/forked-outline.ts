import type { SessionEvents } from "../events.ts";
import { isLive, type SessionState, type TaskState } from "../state.ts";
import { withFlow, type OpenTask, type OpenWait, type Outline } from "./outline.ts";

/** The outline of a session that begins with another one's state: what is under way there is so here. It has cost nothing. */
export function forkedOutline(outline: Outline, { state }: SessionEvents["SessionForked"]): Outline {
  const runs = Object.values(state.runs);
  const tasks = Object.values(state.tasks).map((task) => [task.id, openTask(task)] as const);
  const begun: Outline = {
    ...outline,
    runs: Object.fromEntries(runs.map(({ id, name }) => [id, name])),
    tasks: Object.fromEntries(tasks),
    waits: waitsIn(state),
    ...(state.deadline !== undefined && { deadline: state.deadline }),
  };
  return runs.reduce((next, { name, flow }) => withFlow(next, { name, flow }), begun);
}

const openTask = ({ run, step, agent, phase }: TaskState): OpenTask =>
  phase.name === "asked" ? { run, step, agent, ask: phase.ask, until: phase.dueAt } : { run, step, agent };

const waitsIn = ({ runs }: SessionState): readonly OpenWait[] =>
  Object.values(runs).flatMap((run) =>
    isLive(run)
      ? Object.entries(run.steps).flatMap(([step, state]): readonly OpenWait[] => {
          if (state.status !== "open") return [];
          const at = { run: run.id, step, until: state.dueAt ?? Infinity };
          if (state.kind === "wait") return [{ ...at, event: state.event }];
          return state.kind === "human" ? [{ ...at, ask: state.ask }] : [];
        })
      : [],
  );
