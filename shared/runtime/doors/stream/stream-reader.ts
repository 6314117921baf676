import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { flowsOfRuns, type SessionState } from "#core/session/state.ts";
import { createSessionReader } from "../../session/create-session-reader.ts";
import type { Engine } from "../../session/engine.ts";
import { createWholeCommits } from "../../session/known-flows.ts";
import { createFlowBooks, readable } from "../../session/load-session.ts";
import { commitStart } from "../http/commit-start.ts";

/** What a stream reads, and nothing that advances a session. */
export type StreamEngine = Pick<Engine, "log" | "blobs" | "digest" | "clock" | "onTrouble">;

/** Commits in one read of the log: with the bound of a commit, a few megabytes. */
const PAGE_COMMITS = 10;

/** Commits, and the event up to which the log is read with them. */
export interface StreamPage {
  readonly commits: readonly Commit[];
  readonly last: number;
}

/** A stream belongs to no application: all flows are the log's. */
const NO_FLOWS: FlowBook = { byHash: () => undefined, byTrigger: () => [] };

/** A task without an outcome, and the run that it belongs to. */
export interface OpenTask {
  readonly task: string;
  readonly run: string;
}

/** The first page, and the tasks that are open where the log ends. */
export interface FirstPage extends StreamPage {
  readonly open: readonly OpenTask[];
}

/** Reads a session's log as it grows. */
export interface StreamReader {
  /**
   * The first commits with events after `after`. Throws `session.unknown`, `session.expired` and `session.unreadable`, as reading a page
   * does.
   */
  start(key: SessionKey, after: number): Promise<FirstPage>;
  /** The state that the first of these commits stands on; of none, the newest. */
  stateBefore(key: SessionKey, page: StreamPage): Promise<SessionState>;
  /** The flows of the runs that two states have. */
  flowsOf(key: SessionKey, states: readonly SessionState[]): Promise<Pick<FlowBook, "byHash">>;
  /** The commits after `last`, an event that ends a commit; none where there are none yet. */
  next(key: SessionKey, last: number): Promise<StreamPage>;
}

export function createStreamReader(engine: StreamEngine): StreamReader {
  const reader = createSessionReader(engine);
  const whole = createWholeCommits(engine);

  const next = (key: SessionKey, last: number): Promise<StreamPage> =>
    readable(key, async () => {
      const named = await reader.commitsAfter(key, last, PAGE_COMMITS);
      return { commits: await Promise.all(named.map(whole)), last: named.at(-1)?.last ?? last };
    });

  const books = createFlowBooks({ ...engine, application: NO_FLOWS });

  return {
    next,
    stateBefore: (key, { commits: [first], last }) =>
      readable(key, () => reader.stateAt(key, first === undefined ? last : first.first - 1)),
    async flowsOf(key, states) {
      const [newest] = states.slice(-1);
      if (newest === undefined) return NO_FLOWS;
      const hashes = states.flatMap(flowsOfRuns);
      return books(key, newest, hashes);
    },
    async start(key, after) {
      const { sequence, tasks } = await reader.current(key);
      if (sequence === 0) throw unknown(key);
      // Of a commit that is still to come, nobody can have seen a part.
      const page = await next(key, after > sequence ? sequence : await commitStart(engine.log, key, after));
      return { ...page, open: Object.values(tasks).map(({ id, run }) => ({ task: id, run })) };
    },
  };
}

const unknown = ({ session }: SessionKey): SpineError =>
  new SpineError("session.unknown", `Session ${session} has received no events.`, {
    problems: [{ field: "session", problem: "has no events", repair: "Send it an event first." }],
  });
