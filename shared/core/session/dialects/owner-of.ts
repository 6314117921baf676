import { openAskIds } from "../decide/asked.ts";
import { isLive, type LiveRun, type RunState, type SessionState } from "../state.ts";

/** The run that a stream is about: of those under way the one that came first. */
export const ownerOf = ({ runs }: SessionState): LiveRun | undefined =>
  Object.values<RunState>(runs).find(isLive);

/** Whether nothing goes on before a person answers. */
export function isPaused(state: SessionState): boolean {
  if (state.unfinished === true || openAskIds(state).length === 0) return false;
  return Object.values(state.tasks).every(({ run, phase }) => {
    const its = state.runs[run];
    return phase.name === "asked" || (its !== undefined && isLive(its) && its.status === "suspended");
  });
}
