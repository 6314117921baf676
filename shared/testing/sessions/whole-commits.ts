import type { Commit } from "#core/session/commit.ts";
import { createKnownFlows, createWholeCommits } from "#runtime/session/known-flows.ts";
import type { InProcessSpine } from "../in-process/in-process-spine.ts";

/** What of a spine is needed to read its sessions. */
export type ReadableSpine = Pick<InProcessSpine, "engine" | "reader" | "key">;

/** All commits of a session, with the flows that they name. */
export async function wholeCommits(
  { engine, reader, key }: ReadableSpine,
  session: string,
): Promise<readonly Commit[]> {
  const whole = createWholeCommits(engine, createKnownFlows(engine));
  return Promise.all((await reader.allCommits(key(session))).map(whole));
}
