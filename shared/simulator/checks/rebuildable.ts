import { sameJson, type Json } from "#core/json.ts";
import { MAX_COMMITS_BETWEEN_SNAPSHOTS } from "#core/session/limits.ts";
import { verifyReplay } from "#core/session/replay.ts";
import type { Digest } from "#ports/secrets.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import type { Reading } from "../reading-of.ts";
import { keyOf } from "../sim-names.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** States by snapshot and by fold are one; commits are chained; nobody ever folds more than the bound. */
export function checkRebuildable({ stored, commits, states }: History, digest: Digest, report: Report): void {
  let previous = "";
  let since = 0;
  for (const [index, { first, text }] of stored.entries()) {
    const commit = commits[index];
    if (commit?.previous !== previous)
      report("Rebuildable", "commits are chained", `${first} does not name the one before`);
    previous = digest.sha256(text);
    const snapshot = commit?.snapshot;
    since = snapshot === undefined ? since + 1 : 0;
    if (since > MAX_COMMITS_BETWEEN_SNAPSHOTS)
      report("Flat", "a snapshot in time", `${since} commits without one at ${first}`);
    if (snapshot === undefined || "blob" in snapshot) continue;
    // A state is plain JSON by its types; interfaces only lack the index signature.
    const folded = JSON.parse(JSON.stringify(states[index])) as Json;
    if (!sameJson(snapshot as unknown as Json, folded)) {
      report("Rebuildable", "a snapshot is the fold", `the one at ${first} differs from the fold of the log`);
    }
  }
}

/** The same log gives the same decisions. */
export function checkReplayable({ commits, record }: History, report: Report): void {
  const difference = verifyReplay(commits, { byHash: record.flowOf });
  if (difference !== undefined)
    report("Replayable", "deciding again gives the same", `${difference.sequence}: ${difference.problem}`);
}

/** The state at each event, read from the log through snapshots, is the fold up to that event. */
export async function checkReadBack(
  { record, contexts, final }: History,
  reading: Reading,
  report: Report,
): Promise<void> {
  const reader = createSessionReader(reading);
  const key = keyOf(record.key);
  for (let sequence = 1; sequence < contexts.length; sequence++) {
    const { context } = await reader.stateAt(key, sequence);
    if (!sameJson(context, contexts[sequence]))
      report("Rebuildable", "stateAt is the fold", `at ${sequence} it is not`);
  }
  const current = await reader.current(key);
  if (current.sequence !== final.sequence)
    report("Rebuildable", "stateAt is the fold", `the newest is ${current.sequence}`);
  const broken = await reader.brokenLink(key);
  if (broken !== undefined) report("Rebuildable", "commits are chained", `the reader finds ${broken} broken`);
}
