import { SpineError, type Problem } from "#core/errors.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import type { Agent } from "#core/contract.ts";
import type { Scorer } from "#core/scoring/scorer.ts";
import { isJsonObject } from "#core/json.ts";
import type { RunnableApplication } from "#testing/in-process/in-process-spine.ts";

/** Reads what an application's module exports. Throws `input.malformed`, with a repair for each export that is not there. */
export function readApplication(
  file: string,
  exported: Readonly<Record<string, unknown>>,
): RunnableApplication {
  const { applicationDefinition: definition, agents, scorers = [] } = exported;
  const problems: Problem[] = [];
  if (!isDefinition(definition)) {
    const repair = "Export const applicationDefinition: ApplicationDefinition = { flows }.";
    problems.push({ field: "applicationDefinition", problem: "is not exported, or has no flows", repair });
  }
  if (!isAgents(agents)) {
    const repair =
      "Export const agents: readonly Agent[], what contract.implement(...) gives for each contract.";
    problems.push({ field: "agents", problem: "is not exported, or is no list of agents", repair });
  }
  if (!isScorers(scorers)) {
    const repair = "Export const scorers = [defineScorer(...)], or nothing of this name.";
    problems.push({ field: "scorers", problem: "is no list of scorers", repair });
  }
  if (isDefinition(definition) && isAgents(agents) && isScorers(scorers)) {
    const { flows, events } = definition;
    return { flows, agents, scorers, ...(events !== undefined && { events }) };
  }
  const text = problems.map(({ field, problem, repair }) => `${field}: ${problem}. ${repair}`).join(" ");
  throw new SpineError("input.malformed", `${file} is no application. ${text}`, { problems });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => isJsonObject(value);

const isDefinition = (value: unknown): value is ApplicationDefinition =>
  isObject(value) && Array.isArray(value["flows"]);

const isAgents = (value: unknown): value is readonly Agent[] =>
  Array.isArray(value) &&
  value.every((one) => isObject(one) && isObject(one["contract"]) && typeof one["run"] === "function");

const isScorers = (value: unknown): value is readonly Scorer[] =>
  Array.isArray(value) && value.every((one) => isObject(one) && typeof one["scores"] === "function");
