import { differencesBelow } from "../context/differences.ts";
import { valueAt } from "../context/document.ts";
import type { Json, JsonObject } from "../json.ts";
import type { FlowBook } from "./decide/draft.ts";
import { placeTaskIn } from "./decide/tasks.ts";
import type { SessionEvents } from "./events.ts";
import { lastChange, viewOf } from "./places.ts";
import type { Sheet } from "./sheet.ts";
import { isLive, type SessionState } from "./state.ts";

/** A path that an agent read and that is another one now. */
export interface ChangedPath {
  readonly path: string;
  /** Absent: there was no value. */
  readonly then?: Json;
  readonly now?: Json;
  /** Sequence of the event that wrote it last. */
  readonly writtenAt: number;
}

/** What an attempt's agent saw, beside what it would see now. */
export interface ComparedViews {
  readonly task: string;
  readonly attempt: number;
  readonly agent: string;
  readonly run: string;
  readonly step: string;
  /** The sequence that its view shows. */
  readonly asOf: number;
  readonly view: JsonObject;
  /** The sequence that `now` shows. */
  readonly nowAt: number;
  readonly now: JsonObject;
  /** Its run has ended: `now` is what the session holds by the same paths, which that run may have left there. */
  readonly isOver: boolean;
  readonly changed: readonly ChangedPath[];
}

/**
 * Compares what an attempt saw with what is true now.
 *
 * @param then the state that its view shows
 * @param now a later state of the same session
 */
export function compareViews(
  then: SessionState,
  { task, attempt, asOf }: Pick<SessionEvents["AttemptDispatched"], "task" | "attempt" | "asOf">,
  now: SessionState,
  book: Pick<FlowBook, "byHash">,
): ComparedViews {
  const { place, contract } = placeTaskIn(then, book, task);
  const run = now.runs[place.run.id];
  const isOver = run === undefined || !isLive(run);
  const placeNow = { ...place, run: isOver ? { ...place.run, sheet: NO_SHEET } : run };
  const view = viewOf(then, place, contract);
  const current = viewOf(now, placeNow, contract);
  return {
    task,
    attempt,
    agent: contract.name,
    run: place.run.id,
    step: place.step,
    asOf,
    view,
    nowAt: now.sequence,
    now: current,
    isOver,
    changed: contract.reads.flatMap((path) =>
      differencesBelow(path, valueAt(view, path), valueAt(current, path)).map(({ path: at, one, other }) => ({
        path: at,
        ...(one !== undefined && { then: one }),
        ...(other !== undefined && { now: other }),
        writtenAt: lastChange(now, placeNow, at),
      })),
    ),
  };
}

/** Of what has ended nothing is its own any more: all its paths are the session's. */
const NO_SHEET: Sheet = { paths: [], keeps: [] };
