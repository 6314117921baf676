import type { RunId } from "../../ids.ts";
import { isJsonObject } from "../../json.ts";
import type { Failure } from "../input.ts";
import type { LiveRecord } from "../live/live-record.ts";
import { isLive, type RunState, type SessionState } from "../state.ts";
import { openQuestions } from "./open-questions.ts";
import { isPaused, ownerOf } from "./owner-of.ts";
import { isHeard, tellFacts, type Happening } from "./tell-facts.ts";
import type { Ending, Said, Shown, Told } from "./told.ts";

/** What has been told of a session that its state does not say. */
export interface Telling {
  /** Whether a reader was told of the run under way, and not that it pauses. */
  readonly isOpen: boolean;
  /** What agents have said of tasks under way. */
  readonly said: readonly Said[];
  /** The newest record of each of these tasks. */
  readonly heard: readonly LiveRecord[];
}

/** What is told of an event or a record, and what has been told by then. */
export interface Tale {
  readonly telling: Telling;
  readonly told: readonly Told[];
}

/** What has been told of a session at the end of a commit, but for what is in no log. */
export const tellingAt = (state: SessionState): Telling => ({
  isOpen: ownerOf(state) !== undefined && !isPaused(state),
  said: [],
  heard: [],
});

/** What a reader has to be told first of what is under way: it may be new to it, or have seen a part. */
export function tellAgain({ isOpen }: Telling, state: SessionState): readonly Told[] {
  const owner = ownerOf(state);
  return isOpen && owner !== undefined ? [{ type: "opened", shown: shownOf(owner), state }] : [];
}

/**
 * Tells an event. A stream is about one run at a time, and over when that one ends, or when nothing goes on before a person answers:
 * the last that is told is `closed` then.
 * @param endsCommit whether the event is the last one of its commit
 */
export function tellEvent(telling: Telling, happening: Happening, endsCommit: boolean): Tale {
  const { before, after } = happening;
  const shown = shownAt(happening);
  const facts = [
    ...tellFacts(happening, (task, attempt) => saidBy(telling, task, attempt)),
    ...othersTold(happening),
  ];
  const said = telling.said.filter((one) => isUnderWay(after, one));
  const finished = new Set(
    facts.flatMap((one) => (one.type === "text-finished" ? [one.task as string] : [])),
  );
  const gone = telling.said.filter((one) => !said.includes(one) && !finished.has(one.task));
  const begins = facts.length > 0 || ownerOf(before)?.id !== ownerOf(after)?.id;
  const opens = !telling.isOpen && (begins || (endsCommit && !isPaused(after)));
  const told = [...gone.map(dropped), ...facts];
  if (shown === undefined || !(telling.isOpen || opens)) return { telling, told: [] };

  const opened: readonly Told[] = opens ? [{ type: "opened", shown, state: before }] : [];
  const ending = endingAt(happening, endsCommit);
  if (ending === undefined) {
    const heard = telling.heard.filter((one) => isUnderWay(after, one));
    return { telling: { isOpen: true, said, heard }, told: [...opened, ...told] };
  }
  return {
    telling: {
      isOpen: ownerOf(after) !== undefined && !(endsCommit && isPaused(after)),
      said: [],
      heard: [],
    },
    told: [...opened, ...told, ...said.map(dropped), { type: "closed", shown, state: after, ending }],
  };
}

/** Tells what an agent says, where its run is one whose agents are heard and its task is still under way. */
export function tellLive(telling: Telling, state: SessionState, record: LiveRecord): Tale {
  const { task, attempt, agent, n, text } = record;
  const known = telling.heard.find((one) => one.task === task && one.attempt === attempt);
  if (!telling.isOpen || !isUnderWay(state, record) || (known !== undefined && n <= known.n))
    return { telling, told: [] };
  const before = saidBy(telling, task, attempt);
  const told: Told[] = [];
  let { said } = telling;
  // A record says all that the ones before it said: what does not is left to the task's outcome.
  if (text !== undefined && text.startsWith(before?.text ?? "") && text !== (before?.text ?? "")) {
    const now: Said = { task, attempt, agent, text };
    told.push({
      type: "text-said",
      said: now,
      delta: text.slice(before?.text.length ?? 0),
      begins: before === undefined,
    });
    said = [...said.filter((one) => one !== before), now];
  }
  if (record.partial !== undefined || record.data !== undefined) told.push({ type: "progressed", record });
  return {
    telling: { ...telling, said, heard: [...telling.heard.filter((one) => one !== known), record] },
    told,
  };
}

const dropped = (said: Said): Told => ({ type: "text-dropped", said });
const saidBy = ({ said }: Telling, task: string, attempt: number): Said | undefined =>
  said.find((one) => one.task === task && one.attempt === attempt);

const shownOf = ({ id, name }: RunState): Shown => ({ id, flow: name });

/** What a stream is about at an event: it stays with a run until that ends. */
function shownAt({ before, event, after }: Happening): Shown | undefined {
  const owner = ownerOf(before) ?? ownerOf(after);
  if (owner !== undefined) return shownOf(owner);
  return event.type === "ReplySent" ? { id: `reply-${event.sequence}` } : undefined;
}

/** Whether an attempt of a run whose agents are heard is still out there. */
function isUnderWay(state: SessionState, { task, attempt }: Pick<Said, "task" | "attempt">): boolean {
  const known = Object.values(state.tasks).find(({ id }) => id === task);
  if (known?.attempt !== attempt || !isHeard(state, known.run)) return false;
  return known.phase.name === "dispatched" || known.phase.name === "claimed";
}

/** Runs beside the one that the stream is about. */
function othersTold({ before, event, after }: Happening): readonly Told[] {
  if (event.type === "RunStarted")
    return event.data.run === ownerOf(after)?.id ? [] : [{ type: "run-began", run: event.data.run }];
  const how = HOW[event.type];
  const run = "run" in event.data ? (event.data.run as RunId | undefined) : undefined;
  if (how === undefined || run === undefined || run === ownerOf(before)?.id) return [];
  const known = before.runs[run];
  return known !== undefined && isLive(known) ? [{ type: "run-ended", run, how }] : [];
}

const HOW: Readonly<Partial<Record<string, "completed" | "failed" | "cancelled">>> = {
  RunCompleted: "completed",
  RunFailed: "failed",
  RunCancelled: "cancelled",
};

/** How what a stream is about ends with an event; it pauses only where a commit ends. */
function endingAt({ before, event, after, book }: Happening, endsCommit: boolean): Ending | undefined {
  const [was, is] = [ownerOf(before), ownerOf(after)];
  if (was === undefined && is === undefined) return replyEnding(event);
  if (was !== undefined && was.id !== is?.id) {
    if (event.type === "RunFailed" && event.data.run === was.id)
      return { how: "failed", error: event.data.error };
    if (event.type === "RunCancelled" && event.data.run === was.id) return { how: "cancelled" };
    return { how: after.runs[was.id] === undefined ? "completed" : "goes-on" };
  }
  if (!endsCommit || !isPaused(after)) return undefined;
  return { how: "asked", questions: [...openQuestions(after, book).values()] };
}

/** An event that no run answers has its reply, and that is all. */
function replyEnding(event: Happening["event"]): Ending | undefined {
  if (event.type !== "ReplySent") return undefined;
  const { body, failed } = event.data;
  return failed ? { how: "failed", error: failureIn(body) } : { how: "completed" };
}

function failureIn(body: unknown): Failure {
  const { code, message } = isJsonObject(body) ? body : {};
  return {
    code: typeof code === "string" ? code : "run.failed",
    message: typeof message === "string" ? message : "The event was not answered.",
  };
}
