import { flowsApart } from "#core/session/stored-flows.ts";
import type { Digest } from "#ports/secrets.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** Every flow that a log names stood in the library before, and stands there still, under the hash of its text. */
export async function checkFlowsStored(
  { commits, unstored }: History,
  { log, digest }: { readonly log: Pick<SessionLog, "flows">; readonly digest: Digest },
  report: Report,
): Promise<void> {
  for (const { hash, first } of unstored)
    report("Nothing lost", "a flow is stored before it is named", `${first} names ${hash}`);
  for (const hash of new Set(commits.flatMap(flowsApart))) {
    const text = await log.flows.get(hash);
    if (text === undefined || digest.sha256(text) !== hash)
      report(
        "Nothing lost",
        "a named flow is in the library",
        `${hash} is ${text === undefined ? "missing" : "altered"}`,
      );
  }
}
