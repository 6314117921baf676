import { START_BOUND_MS } from "#core/flow/bounds.ts";
import { handedOf } from "#runtime/relay/perform-directives.ts";
import { attemptName } from "../sim-names.ts";
import type { WorldResult } from "../sim-world.ts";
import { endTimes } from "./end-times.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** So far clocks differ as a rule. */
const SKEW_MS = 500;

/**
 * A task that was handed over is one of the group, of the same lane, whose time suffices; and its queue gets it only when it should have begun
 * long ago and nobody has said so.
 */
export function checkHandOvers(
  history: History,
  { clocksFarOff }: Pick<WorldResult, "clocksFarOff">,
  report: Report,
): void {
  const { commits, dispatches, record } = history;
  const endedAt = endTimes(history);
  const begun = new Set([...record.executions.map(attemptName), ...record.claimed]);
  const early = clocksFarOff ? -Infinity : START_BOUND_MS - SKEW_MS;
  let now = 0;
  for (const commit of commits) {
    now = Math.max(now, commit.seen.now);
    const handed = handedOf(commit);
    if (handed.length > 1)
      report("Contained", "a host is handed one task", `commit ${commit.first} hands over ${handed.length}`);
    for (const { handedBy = "", deadline, ...order } of handed) {
      const attempt = attemptName(order);
      const group = dispatches.get(attempt)?.contract.group;
      if (group === undefined || dispatches.get(handedBy)?.contract.group !== group)
        report("Contained", "only its own group is handed a task", `${attempt} was handed to ${handedBy}`);
      const left = commit.seen.nextWithinMs ?? 0;
      if (deadline - now > left)
        report(
          "Cannot wedge",
          "a host is handed what it has time for",
          `${attempt} was, with ${left} ms left`,
        );
      const sent = record.sent.get(attempt);
      if (sent !== undefined && sent.at - commit.seen.now < early)
        report(
          "Contained",
          "a task is handed over or sent",
          `${attempt} was sent ${sent.at - commit.seen.now} ms after it was handed over`,
        );
      const relayed = record.relayed.get(commit.first) ?? Infinity;
      // One that was lost with a table's last minutes may have had the same number, and begun.
      if (record.restored) continue;
      if (sent === undefined && !begun.has(attempt) && relayed < (endedAt.get(attempt) ?? Infinity))
        report(
          "Nothing lost",
          "a task that is handed over begins or is sent",
          `${attempt} did not, and its commit was relayed at ${relayed}`,
        );
    }
  }
}
