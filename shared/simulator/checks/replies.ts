import type { RecordedEvent } from "#core/session/events.ts";
import { SHEET_FORM } from "#core/session/sheet.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

const ENDS: readonly RecordedEvent["type"][] = ["RunCompleted", "RunFailed", "RunCancelled"];

/**
 * Whoever sent an event hears of each run that it started, at its end at the latest. A run that ended before it began replies as
 * well, unless a version that writes form 1 decided it.
 */
export function checkReplies({ commits }: History, report: Report): void {
  const started = new Set<string>();
  const replied = new Set<string>();
  for (const { events, seen } of commits) {
    for (const { type, data, sequence } of events) {
      if (type === "RunStarted") started.add(data.run);
      // What its origin had replied, nobody waits for in a fork.
      if (type === "SessionForked")
        for (const run of Object.values(data.state.runs))
          if (run.status !== "queued" && run.replied) replied.add(run.id);
      if (type === "ReplySent" && data.run !== undefined) replied.add(data.run);
      if (!isEnd(type) || !("run" in data) || data.run === undefined || replied.has(data.run)) continue;
      if (started.has(data.run) || (seen.form ?? 1) >= SHEET_FORM)
        report("Nothing lost", "every run replies", `${data.run} ended at ${sequence} without a reply`);
    }
  }
}

const isEnd = (type: RecordedEvent["type"]): boolean => ENDS.includes(type);
