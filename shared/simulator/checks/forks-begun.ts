import { sameJson, type Json } from "#core/json.ts";
import type { SessionEvents } from "#core/session/events.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/**
 * A fork begins with what its origin had as of one event, and with nothing else; whoever forks is told so; and the origin's log names it
 * before there is one.
 * @param before the sessions that others may be forks of
 */
export function checkForked(history: History, before: readonly History[], report: Report): void {
  const { record, events } = history;
  const [first] = events;
  const begun = first?.type === "SessionForked" ? first.data : undefined;
  for (const { at, sequence } of record.told) {
    const stands = begun?.origin.at === at && events.length >= sequence;
    if (!stands && !record.restored)
      report("Nothing lost", "a fork that was answered is there", `${at} was told, ${sequence} events`);
  }
  if (begun === undefined) {
    if (record.told.length > 0 && events.length > 0)
      report("Complete", "a fork begins with its origin", `${first?.type} is first`);
    return;
  }
  const origin = before.find((one) => one.record.key === begun.origin.session);
  // A table that was set back may have lost the origin's last minutes, and retention its commits.
  if (origin === undefined || record.restored || origin.record.restored) return;
  checkBegun(begun, origin, report);
}

function checkBegun(
  { origin: { at }, state }: SessionEvents["SessionForked"],
  origin: History,
  report: Report,
): void {
  const context = origin.contexts[at];
  if (context === undefined || !sameJson(context as Json, state.context as Json))
    report("Complete", "a fork begins with its origin", `it has another context than that of ${at}`);
  const named = origin.events.some(
    ({ type, data }) => type === "CommandGiven" && data.command.type === "fork" && data.command.at === at,
  );
  if (!named) report("Nothing lost", "an origin names its forks", `nothing says that ${at} was forked`);
}
