import { Effect } from "#core/contract.ts";
import { depthProblem } from "#core/json-form.ts";
import { isJsonObject, sameJson } from "#core/json.ts";
import { isLive } from "#core/session/state.ts";
import { MISNAMED, OWN_MARKS } from "../hostile-agents.ts";
import { attemptName } from "../sim-names.ts";
import { MOST_HOPS } from "../releases.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** What every reader takes, however an engine reads. */
const DEEPEST = 64;
/** 20 problems of 2,000 characters together, said twice, with what JSON adds. */
const MOST_SAID = 10_000;

/** What agents and producers may not do, whatever they send. */
export function checkHostile(
  history: History,
  { longestAnswer }: Pick<WorldResult, "longestAnswer">,
  report: Report,
): void {
  if (longestAnswer > MOST_SAID)
    report("Contained", "errors are bounded", `the door said ${longestAnswer} characters`);
  checkClaims(history, report);
  checkResults(history, report);
  checkCeilings(history, report);
  for (const { first, text } of history.stored)
    if (text.includes(MISNAMED))
      report("Contained", "what no name can be leaves no trace", `the commit at ${first} has it`);
}

/** A claim makes a result a fact: only a contract with an effect has one. */
function checkClaims({ events, dispatches }: History, report: Report): void {
  for (const event of events) {
    if (event.type !== "EffectClaimed") continue;
    const contract = dispatches.get(attemptName(event.data))?.contract;
    if (contract !== undefined && contract.effect !== Effect.once)
      report("Fresh", "only effects are claimed", `${contract.name} claimed none at ${event.sequence}`);
  }
}

/** Markers are made by the spine alone; usage is never less than nothing. */
function checkResults({ events }: History, report: Report): void {
  for (const { type, data, sequence } of events) {
    const result = "result" in data ? data.result : undefined;
    const problem = depthProblem(result, "result", DEEPEST);
    if (problem !== undefined)
      report("Contained", "nothing is too deep to be read", `${type} at ${sequence} ${problem.problem}`);
    const marks = isJsonObject(result) ? result["marks"] : undefined;
    if (marks !== undefined && !sameJson(marks, OWN_MARKS))
      report(
        "Sealed",
        "what looks like a marker is data",
        `${type} at ${sequence} has other marks than were sent`,
      );
    const usage = "usage" in data ? data.usage : undefined;
    const amounts = [usage?.tokens, usage?.money].filter((amount) => amount !== undefined);
    if (amounts.some((amount) => !(amount >= 0)))
      report("Contained", "nobody uses less than nothing", `${type} at ${sequence} does`);
  }
}

/** No event lifts what the deployment allows. */
function checkCeilings({ states, commits }: History, report: Report): void {
  for (const [place, { runs }] of states.entries())
    for (const run of Object.values(runs)) {
      // What a run did is undone whatever it takes.
      if (!isLive(run) || run.ending !== undefined) continue;
      const { hops, itemHops = 0 } = run;
      if (hops - itemHops <= MOST_HOPS) continue;
      report("Contained", "no event lifts a ceiling", `a run has ${hops} hops at ${commits[place]?.last}`);
      return;
    }
}
