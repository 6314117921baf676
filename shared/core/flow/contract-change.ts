import type { Contract, ContractSpec } from "../contract.ts";
import type { Problem } from "../errors.ts";
import { isJsonObject } from "../json.ts";
import { standardShape, type Shape } from "./shape.ts";

/** What runs under way go by, and what is there in its place. */
export interface ContractChange {
  /** As it stands in the flows of the runs. */
  readonly spec: ContractSpec;
  /** With its schemas, where they are known. @default they are not compared */
  readonly before?: Contract;
  /** None: the agent is gone. */
  readonly now: Contract | undefined;
}

/**
 * Why runs that began with a contract could not go on with another one; empty where they could. What schemas demand is compared as far as
 * JSON Schema tells it: fields that must be there, and their types.
 */
export function contractChange({ spec, before, now }: ContractChange): readonly Problem[] {
  if (now === undefined) return [gone(spec.name)];
  const problems: Problem[] = [];
  for (const path of now.spec.reads.filter((one) => !spec.reads.some((given) => covers(given, one)))) {
    const repair = `Give it back what it read (${spec.reads.join(", ")}), or give the agent another name.`;
    problems.push({ field: "reads", problem: `"${path}" is not in the views of runs under way`, repair });
  }
  if (now.spec.effect !== spec.effect) {
    const problem = `was "${spec.effect}" and is "${now.spec.effect}"`;
    problems.push({ field: "effect", problem, repair: "Give the agent another name." });
  }
  if (before === undefined) return problems;
  const input = demandsBeyond(shapeOf(before.input), shapeOf(now.input, "input"), "input");
  const output = demandsBeyond(shapeOf(now.output), shapeOf(before.output, "input"), "output");
  return [...problems, ...input.map(added), ...output.map(missing)];
}

const shapeOf = (schema: Contract["input"], side?: "input" | "output"): Shape =>
  schema === undefined ? undefined : standardShape(schema, side);

/** A path is in a view with what is above it. */
const covers = (given: string, path: string): boolean => path === given || path.startsWith(`${given}.`);

const gone = (agent: string): Problem => ({
  field: "agents",
  problem: `"${agent}" is gone`,
  repair: "Bring it back until these runs have ended, or cancel them.",
});

const added = ({ field, was }: Demand): Problem => ({
  field,
  problem: was === undefined ? "is required now" : `is of another type than ${was}`,
  repair: "Make it optional until these runs have ended, or give the agent another name.",
});

const missing = ({ field, was }: Demand): Problem => ({
  field,
  problem: was === undefined ? "is no longer certain to be there" : `is ${was} now`,
  repair: "Keep it until these runs have ended, or give the agent another name.",
});

interface Demand {
  readonly field: string;
  /** The type that is given in place of the one that is demanded. @default the field need not be there */
  readonly was?: string;
}

/** Fields that one schema demands and another one does not promise. */
function demandsBeyond(given: Shape, demanded: Shape, field: string): readonly Demand[] {
  if (!isJsonObject(given) || !isJsonObject(demanded)) return [];
  const [was, wanted] = [given["type"], demanded["type"]];
  if (typeof was === "string" && typeof wanted === "string" && !fits(was, wanted)) return [{ field, was }];
  const { required = [], properties = {} } = demanded;
  const promised = given["required"] ?? [];
  if (!Array.isArray(required) || !Array.isArray(promised) || given["type"] !== "object") return [];
  return required.flatMap((name) => {
    if (typeof name !== "string") return [];
    const inner = `${field}.${name}`;
    if (!promised.includes(name)) return [{ field: inner }];
    const offered = given["properties"];
    return isJsonObject(properties) && isJsonObject(offered)
      ? demandsBeyond(offered[name], properties[name], inner)
      : [];
  });
}

const fits = (was: string, wanted: string): boolean =>
  was === wanted || (was === "integer" && wanted === "number");
