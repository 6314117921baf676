import { timedEvents, timeline } from "#client/narration/timeline.ts";
import type { TimedEvent } from "#client/narration/tell.ts";
import type { Commit } from "#core/session/commit.ts";
import { shown, type ShownState } from "#core/session/shown.ts";
import type { SessionState } from "#core/session/state.ts";
import { World } from "../world.ts";
import { wholeCommits, type ReadableSpine } from "./whole-commits.ts";

/** A session as it was when it was read: what its tests look at. */
export interface ToldSession {
  readonly session: string;
  /** Its events in order, each with its time. */
  readonly events: readonly TimedEvent[];
  /** Its state, with the names that steps know values by. */
  readonly state: ShownState;
  /** What happened, a line for each event that matters: what `spine show` prints. */
  readonly timeline: string;
}

/** What a session is told from: itself as it was read, a world, or what was done in one. */
export type SessionSource = ToldSession | World | { readonly world: World };

/**
 * Reads a session of an in-process spine: what there is now.
 *
 * @example
 * expectSession(await readSession(spine, "s1")).toHaveReplied({ text: "Hello Ada" });
 */
export async function readSession(spine: ReadableSpine, session: string): Promise<ToldSession> {
  const commits = await wholeCommits(spine, session);
  return told(session, commits, await spine.reader.current(spine.key(session)));
}

/** The session that a source is about. */
export function toldSession(source: SessionSource): ToldSession {
  if ("timeline" in source) return source;
  const { state, commits } = source instanceof World ? source : source.world;
  return told(state.session, commits, state);
}

function told(session: string, commits: readonly Commit[], state: SessionState): ToldSession {
  const events = timedEvents(commits);
  return { session, events, state: shown(state), timeline: timeline(events).join("\n") };
}
