import { MISSED_HEARTBEATS } from "#core/flow/bounds.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import { attemptName } from "../sim-names.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import { endTimes } from "./end-times.ts";
import type { Report } from "./violation.ts";

/**
 * An agent whose contract has a heartbeat is listened for: one that fell silent is given up soon, whatever its timeout, and one
 * whose answer counts no longer is told to stop by its next beat.
 */
export function checkHeartbeats(
  history: History,
  { slackMs }: Pick<WorldResult, "slackMs">,
  report: Report,
): void {
  if (history.record.restored) return;
  const endedAt = endTimes(history);
  checkHeard(history, report);
  checkSilence(history, endedAt, slackMs, report);
  checkStopped(history, endedAt, slackMs, report);
}

/** What a timer saw of an attempt's heartbeats is the last one that was taken before it looked, or one after it. */
function checkHeard({ commits, record }: History, report: Report): void {
  for (const [place, { events }] of commits.entries()) {
    const looked = (record.appended[place]?.at ?? 0) - FUNCTION_TIMEOUT_MS.coordinator;
    for (const { type, data, sequence } of events) {
      const judged =
        type === "HeartbeatSeen" || (type === "AttemptTimedOut" && data.silentSince !== undefined);
      if (!judged) continue;
      const saw = type === "HeartbeatSeen" ? data.at : data.silentSince;
      const beats = record.beats.get(attemptName(data)) ?? [];
      const last = beats.findLastIndex(({ taken }) => taken <= looked);
      if (last >= 0 && !beats.slice(last).some(({ at }) => at === saw))
        report(
          "Cannot wedge",
          "a timer sees the last heartbeat",
          `${attemptName(data)} was judged at ${sequence} by ${saw}, and its last was ${beats[last]?.at}`,
        );
    }
  }
}

function checkSilence(
  { events, record, dispatches }: History,
  endedAt: ReadonlyMap<string, number>,
  slackMs: number,
  report: Report,
): void {
  for (const { type, data } of events) {
    if (type !== "AttemptDispatched" || data.checkAt === undefined) continue;
    const attempt = attemptName(data);
    const heard = record.beats.get(attempt)?.at(-1)?.taken;
    // Who holds a claim is awaited until its doubt must be resolved.
    if (heard === undefined || record.claimed.has(attempt)) continue;
    const silence = MISSED_HEARTBEATS * (dispatches.get(attempt)?.contract.heartbeatMs ?? Infinity);
    const given = (endedAt.get(attempt) ?? heard) - heard;
    if (given > silence + slackMs)
      report(
        "Cannot wedge",
        "silence is found",
        `${attempt} was awaited ${given} ms after its last heartbeat`,
      );
  }
}

function checkStopped(
  { record, dispatches }: History,
  endedAt: ReadonlyMap<string, number>,
  slackMs: number,
  report: Report,
): void {
  for (const { agent, at, ended = at, ...execution } of record.executions) {
    const attempt = attemptName(execution);
    const since = endedAt.get(attempt);
    const { heartbeatMs = Infinity } = dispatches.get(attempt)?.contract ?? {};
    if (since !== undefined && ended - Math.max(at, since) > heartbeatMs + slackMs)
      report(
        "Contained",
        "work that counts no longer stops",
        `${agent} worked on ${attempt} ${ended - since} ms after its outcome`,
      );
  }
}
