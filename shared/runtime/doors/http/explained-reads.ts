import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import { compareViews } from "#core/session/compare-views.ts";
import { begunAt } from "#core/session/decide/draft.ts";
import { ENDS_TASK } from "#core/session/ends-task.ts";
import { causeOf } from "#core/session/envelope.ts";
import type { RecordedEvent, SessionEvents } from "#core/session/events.ts";
import { explainDecision, type Writer, type Writers } from "#core/session/explain-decision.ts";
import { recordedCommit } from "#core/session/recorded-session.ts";
import { stateWithin } from "#core/session/fold.ts";
import { createSessionReader, type SessionReader } from "../../session/create-session-reader.ts";
import type { Engine } from "../../session/engine.ts";
import { createKnownFlows, createWholeCommits } from "../../session/known-flows.ts";
import { createFlowBooks, readable } from "../../session/load-session.ts";
import { jsonResponse, type HttpResponse } from "./http-message.ts";
import { pageOf } from "./page.ts";
import { parseSequence, sequenceIn } from "./sequence-in.ts";
import type { Handled } from "./session-reads.ts";

/** Why a session went as it did, over HTTP: read from its log alone. */
export interface ExplainedReads {
  /** Everything that one input led to: conditions, values, where they came from, ways not taken. */
  decision(handled: Handled): Promise<HttpResponse>;
  /** What an attempt's agent saw, beside what is true now. */
  view(handled: Handled): Promise<HttpResponse>;
  /** The log as it was committed, a page at a time: all that it takes to decide the session again. */
  commits(handled: Handled): Promise<HttpResponse>;
}

/** So many events are looked up for one answer; of a value beyond that only the sequence is told. */
const MAX_WRITERS = 50;

export function createExplainedReads(engine: Engine): ExplainedReads {
  const reader = createSessionReader(engine);
  const flows = createKnownFlows(engine);
  const flowBook = createFlowBooks(engine, flows);
  const whole = createWholeCommits(engine, flows);

  return {
    async commits({ key, session, request }) {
      const after = sequenceIn(request, "after") ?? 0;
      const withPersonal = request.query["values"] === "plain";
      const { sequence } = await reader.current(key);
      if (sequence === 0) throw noEvent(key, after);
      const named = await reader.commitsAfter(key, after, PAGE_COMMITS);
      const commits = await readable(key, () => Promise.all(named.map(whole)));
      const found = commits.map((commit) => recordedCommit(commit, withPersonal));
      const page = pageOf(found);
      const last = page.at(-1)?.last ?? after;
      const values = withPersonal ? "&values=plain" : "";
      const path = `/sessions/${encodeURIComponent(session)}/commits?after=${last}${values}`;
      const link = last < sequence ? { link: `<${path}>; rel="next"` } : {};
      return jsonResponse(200, { tenant: key.tenant, session, redacted: !withPersonal, commits: page }, link);
    },

    async decision({ key, session, part }) {
      const sequence = parseSequence(part, "sequence");
      const commit = await reader.commitAt(key, sequence);
      const before = await reader.stateAt(key, commit.first - 1);
      const after = stateWithin(before, commit, commit.last);
      // Runs may begin and end in one commit: what they ran is named by its events.
      const hashes = commit.events.flatMap((event) => flowsNamedBy(event));
      const triggered = Object.values(commit.seen.triggers ?? {}).flat();
      const known = [...hashes, ...triggered].filter((hash) => Object.hasOwn(after.flows, hash));
      const book = await flowBook(key, { ...after, runs: { ...before.runs, ...after.runs } }, known);
      const explained = explainDecision(before, commit, sequence, book);
      if (explained === undefined) throw noEvent(key, sequence);
      const { choices, stale } = explained;
      const writers = await writersOf(reader, key, [
        ...choices.flatMap(({ values }) => values.map(({ writtenAt }) => writtenAt)),
        ...stale.flatMap(({ changed }) => changed.map(({ writtenAt }) => writtenAt)),
      ]);
      return jsonResponse(200, { session, time: commit.seen.now, ...explained, writers });
    },

    async view({ key, session, part: task, request }) {
      const attempt = sequenceIn(request, "attempt");
      const now = await reader.current(key);
      // A fork goes on with tasks that began in its origin.
      const from = now.fork === undefined ? begunAt(task) : Math.min(1, begunAt(task));
      const dispatched =
        from > now.sequence ? undefined : await findDispatch(reader, key, { task, attempt, from });
      if (dispatched === undefined) throw notDispatched(key, task, attempt);
      const then = await reader.stateAt(key, dispatched.asOf);
      const compared = compareViews(then, dispatched, now, await flowBook(key, then));
      const writers = await writersOf(
        reader,
        key,
        compared.changed.map(({ writtenAt }) => writtenAt),
      );
      return jsonResponse(200, { session, ...compared, writers });
    },
  };
}

const noEvent = (key: SessionKey, sequence: number): SpineError =>
  new SpineError("session.unknown", `${sessionKeyText(key)} has no event ${sequence}.`, {
    problems: [{ field: "sequence", problem: `${sequence} is no event`, repair: "Give one of the log." }],
  });

function flowsNamedBy({ type, data }: RecordedEvent): readonly string[] {
  return type === "RunQueued" ? [data.flow] : [];
}

/** Who wrote what, by sequence. Each commit is read once. */
async function writersOf(
  reader: SessionReader,
  key: SessionKey,
  sequences: readonly number[],
): Promise<Writers> {
  const asked = [...new Set(sequences)].filter((sequence) => sequence > 0).slice(0, MAX_WRITERS);
  const writers: Record<string, Writer> = {};
  let commit: Commit | undefined;
  for (const sequence of asked.toSorted((a, b) => a - b)) {
    if (commit === undefined || sequence > commit.last) commit = await reader.commitAt(key, sequence);
    const writer = writerIn(commit, sequence);
    if (writer !== undefined) writers[sequence] = writer;
  }
  return writers;
}

function writerIn(commit: Commit, sequence: number): Writer | undefined {
  const event = commit.events.find((one) => one.sequence === sequence);
  return event && { type: event.type, source: causeOf(commit, event)?.source ?? "", time: commit.seen.now };
}

const PAGE_COMMITS = 50;

/** The dispatch of a task's attempt; of the newest where none is named. Walks the log from `from`, the task's first event, to its last. */
async function findDispatch(
  reader: SessionReader,
  key: SessionKey,
  {
    task,
    attempt,
    from,
  }: { readonly task: string; readonly attempt: number | undefined; readonly from: number },
): Promise<SessionEvents["AttemptDispatched"] | undefined> {
  if (from === 0) return undefined;
  let newest: SessionEvents["AttemptDispatched"] | undefined;
  for (let commits: readonly Commit[] = [await reader.commitAt(key, from)]; ;) {
    for (const { type, data } of commits.flatMap(({ events }) => events)) {
      if (!("task" in data) || data.task !== task) continue;
      if (ENDS_TASK.has(type)) return attempt === undefined ? newest : undefined;
      if (type !== "AttemptDispatched") continue;
      newest = data;
      if (data.attempt === attempt) return data;
    }
    const last = commits.at(-1)?.last;
    if (last === undefined) return attempt === undefined ? newest : undefined;
    commits = await reader.commitsAfter(key, last, PAGE_COMMITS);
  }
}

function notDispatched(key: SessionKey, task: string, attempt: number | undefined): SpineError {
  const field = attempt === undefined ? "task" : "attempt";
  const meant = attempt === undefined ? `task ${task}` : `attempt ${attempt} of task ${task}`;
  const repair = "Take the task and its attempt from an AttemptDispatched of the log.";
  return new SpineError("task.unknown", `${sessionKeyText(key)} sent no ${meant} to an agent.`, {
    problems: [{ field, problem: "was not dispatched", repair }],
  });
}
