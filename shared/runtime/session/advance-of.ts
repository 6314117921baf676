import type { Commit } from "#core/session/commit.ts";
import { toCloudEvents } from "#core/session/envelope.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Engine } from "./engine.ts";

/** The publication of a commit, which is whole: see `createWholeCommits`. */
export function advanceOf(engine: Pick<Engine, "digest">, commit: Commit, text: string): SessionAdvanced {
  return {
    tenant: commit.tenant,
    session: commit.session,
    first: commit.first,
    last: commit.last,
    types: [...new Set(commit.events.map(({ type }) => type))],
    hash: engine.digest.sha256(text),
    time: commit.seen.now,
    correlation: [...new Set(commit.inputs.map(({ correlation }) => correlation))],
    events: toCloudEvents(commit),
    ...(commit.evicted > 0 && { evicted: commit.evicted }),
  };
}
