import { compensationLife } from "#core/flow/life.ts";
import type { Commit } from "#core/session/commit.ts";
import { nextDue } from "#core/session/decide/due.ts";
import { isIdle, type SessionState } from "#core/session/state.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import { inputIn } from "./ordered.ts";
import type { Report } from "./violation.ts";

/** Every session comes to rest, every run in its time, and each commit leaves something behind that moves the session on. */
export function checkMoving(
  { commits, states, events, final, record, inputs }: History,
  { quiet, wedges, slackMs }: Pick<WorldResult, "quiet" | "wedges" | "slackMs">,
  report: Report,
): void {
  for (const { session, problem } of wedges)
    if (session === record.key) report("Cannot wedge", "a timer is on its way", problem);
  if (!quiet) report("Cannot wedge", "time comes to an end", "there was still work when the run was stopped");
  else if (!isIdle(final))
    report(
      "Cannot wedge",
      "every session comes to rest",
      `runs ${Object.keys(final.runs).join(", ")} never ended`,
    );
  const begun = new Map<string, { readonly at: number; readonly lifeMs: number }>();
  for (const [index, commit] of commits.entries()) {
    const state = states[index];
    if (state === undefined) continue;
    for (const { type, data } of commit.events) {
      const at = record.appended[index]?.at ?? 0;
      const flow = "run" in data ? inputs.get(data.run)?.flow : undefined;
      if (type === "RunStarted") begun.set(data.run, { at, lifeMs: flow?.lifeMs ?? 0 });
      if (type === "CompensationStarted" && flow !== undefined)
        begun.set(data.run, { at, lifeMs: compensationLife(flow.plan) });
      // While a decision that stopped for its size stands still, no run's time passes.
      if (type === "DecisionResumed")
        for (const [run, one] of begun) begun.set(run, { ...one, lifeMs: one.lifeMs + data.afterMs });
      if (type !== "RunCompleted" && type !== "RunFailed" && type !== "RunCancelled") continue;
      const since = begun.get(data.run);
      const late = since === undefined ? 0 : at - since.at - since.lifeMs;
      if (late > slackMs)
        report(
          "Cannot wedge",
          "a run ends in its time",
          `run ${data.run} ended ${late} ms after its longest life`,
        );
    }
    if (isIdle(state)) continue;
    if (state.unfinished && !armsNow(commit, state))
      report("Cannot wedge", "a decision that stopped goes on at once", `none is armed after ${commit.last}`);
    const next = nextDue(state);
    if (next === undefined)
      report("Cannot wedge", "every wait has a bound", `nothing is due after ${commit.last}`);
    else if (!state.armed.some((at) => at <= next) && !state.unfinished && !armsOverdue(commit, state, next))
      report("Cannot wedge", "a timer is armed", `no timer is armed for ${next} after ${commit.last}`);
  }
  for (const event of events) {
    if (event.type === "InputQuarantined" && event.data.error.code === "internal") {
      report(
        "Cannot wedge",
        "no error of our own",
        `${event.data.kind} was unusable: ${event.data.error.message}`,
      );
    }
  }
}

/** Another timer for what only a timer can decide, and whose moment has passed: no state counts on it either. */
const armsOverdue = ({ directives }: Commit, { time }: SessionState, due: number): boolean =>
  due <= time && directives.some((directive) => directive.type === "arm-deadline" && directive.at <= due);

/** A timer for the moment of the commit itself in the session's time, which no writer's clock turns back; no state counts on it. */
const armsNow = ({ directives }: Commit, { time }: SessionState): boolean =>
  directives.some((directive) => directive.type === "arm-deadline" && directive.at === time);

/** What was accepted is in the log, what was committed is performed, published and delivered in order. */
export function checkNothingLost(
  { record, events, stored, commits }: History,
  worldResult: WorldResult,
  report: Report,
): void {
  const { digest } = worldResult;
  const committed = new Set<string>();
  for (const event of events) {
    const input = inputIn(event);
    if (input !== undefined) committed.add(`${input.source} ${input.id}`);
  }
  for (const { source, id, saw } of record.requests) {
    if (saw.type === "refused" && saw.code === "internal")
      report("Cannot wedge", "no error of our own", `${source} ${id} met an internal error`);
    if (saw.type === "accepted" && !committed.has(`${source} ${id}`)) {
      report("Nothing lost", "a 202 is in the log", `${source} ${id} is not`);
    }
  }
  const hashes = new Map(stored.map(({ first, text }) => [first, digest.sha256(text)]));
  const published = new Set<number>();
  for (const { first, hash } of record.published) {
    if (hash === hashes.get(first)) published.add(first);
    // A function at work when the table was set back still publishes what it knows.
    else if (!record.restored)
      report("Rebuildable", "a publication vouches for its commit", `${first} went out with another hash`);
  }
  // Whose message went out before the table was set back is answered as well, and is sent no more.
  const arrived = new Set(record.restored ? commits.flatMap(({ inputs }) => inputs.map(({ id }) => id)) : []);
  const delivered = new Set<number>();
  let newest = 0;
  for (const { first } of record.delivered) {
    if (!delivered.has(first) && first < newest && !record.restored)
      report("Nothing lost", "subscribers get commits in order", `${first} came after ${newest}`);
    newest = Math.max(newest, first);
    delivered.add(first);
  }
  // The retry queue names commits, which the relay reads again: what was held up until retention had removed it is gone, and what a
  // subscriber would have got after it (docs/retention.md).
  const mayBeGone = record.expiredAt !== undefined && record.retried.size > 0;
  for (const [index, { first }] of stored.entries()) {
    if (!published.has(first) && !mayBeGone)
      report("Nothing lost", "a commit is published", `${first} was not`);
    if (!delivered.has(first) && !mayBeGone)
      report("Nothing lost", "a commit is delivered in order", `${first} was not`);
    checkDispatched(record, commits[index], arrived, report);
  }
}

/** Beyond this the relay asks the log whether an order still stands. */
const ALWAYS_SENT_MS = 230_000;

function checkDispatched(
  record: History["record"],
  commit: History["commits"][number] | undefined,
  arrived: ReadonlySet<string>,
  report: Report,
): void {
  const relayed = commit === undefined ? undefined : record.relayed.get(commit.first);
  if (commit === undefined || relayed === undefined || relayed - commit.seen.now > ALWAYS_SENT_MS) return;
  for (const directive of commit.directives) {
    if (directive.type !== "dispatch") continue;
    const { task, attempt, handedBy } = directive.order;
    if (handedBy !== undefined) continue;
    if (!record.sent.has(`${task}/${attempt}`) && !arrived.has(`${task}/${attempt}`))
      report(
        "Nothing lost",
        "a committed dispatch is sent",
        `${task}/${attempt} of commit ${commit.first} was not`,
      );
  }
}

/** A free queue hands its message over within this. */
const PROMPT_MS = 1_000;

/** Nothing waits behind another attempt. */
export function checkContained({ record }: History, report: Report): void {
  for (const [attempt, ms] of record.waited) {
    if (ms > PROMPT_MS)
      report(
        "Contained",
        "nothing waits behind another attempt",
        `${attempt} waited ${ms} ms in a queue that nothing held up`,
      );
  }
  for (const { task, attempt, committed } of record.sent.values()) {
    if (!committed && !record.restored)
      report(
        "Nothing lost",
        "only what is committed is dispatched",
        `${task}/${attempt} was sent before its commit`,
      );
  }
}
