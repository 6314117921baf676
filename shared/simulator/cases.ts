import { compileApplication } from "#core/flow/application.ts";
import { sequence, transform } from "#core/flow/build.ts";
import { defineApplication, type Application, type ApplicationDefinition } from "#core/flow/compile.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { randomApplication, seededChance } from "./random-flow.ts";
import { hireTogether, simAgent, type SimAnswer } from "./sim-agents.ts";
import { between, chance, pickOne } from "#memory/seeded-chance.ts";
import { drawPersonal } from "./needles.ts";
import { confidences } from "./personal-flows.ts";
import { SAMPLE_CASES } from "./sample-flows.ts";

/** Flows and agents that a run of the simulator is about. */
export interface SimCase extends ApplicationDefinition {
  readonly name: string;
  /** What its agents find. @default numbers that depend on the view */
  readonly answer?: SimAnswer;
}

/** A case that is ready to run. */
export interface PreparedCase {
  readonly name: string;
  readonly application: Application;
  /** Its next version: every flow has one step more, and so another hash. */
  readonly next: () => Application;
  readonly answer?: SimAnswer;
}

export const digest = createNodeDigest();

export function prepareCase({ name, answer, ...definition }: SimCase): PreparedCase {
  let next: Application | undefined;
  return {
    name,
    application: defineApplication(definition, digest),
    // Compiling takes longer than running, and few seeds deploy anything.
    next: () => (next ??= compileApplication(nextVersion(definition), digest)),
    ...(answer !== undefined && { answer }),
  };
}

function nextVersion(definition: ApplicationDefinition): ApplicationDefinition {
  const revise = (flow: FlowDefinition): FlowDefinition => ({
    ...flow,
    plan: sequence(flow.plan, transform({ revision: "2" })),
  });
  return { ...definition, flows: definition.flows.map(revise) };
}

const samples = SAMPLE_CASES.map((make) => prepareCase(make(simAgent)));
/** The same, with most agents of a case in one group. */
const grouped = SAMPLE_CASES.map((make) => make(hireTogether)).map((made) =>
  prepareCase({ ...made, name: groupedName(made.name) }),
);
/** Only for tenants with personal values. */
const confiding = prepareCase(confidences());
/** What is rare elsewhere (pre-emption, stale views, agents that stand in) is drawn more often. */
const RARE = [
  "urgencies",
  "changes",
  "changes",
  "changes",
  "trips",
  "trips",
  "memories",
  "support",
  "vigils",
  "vigils",
];
const drawn = [...samples, ...RARE.flatMap((rare) => samples.filter(({ name }) => name === rare))];

/** Of the seeds that draw a sample. */
const GROUPED_SHARE = 0.25;

/** Compiling flows takes longer than running them: random ones are shared by many seeds. */
const RANDOM_CASES = 120;
const RANDOM_SHARE = 0.3;
/** Of the seeds in which the tenant has personal values. */
const CONFIDING_SHARE = 0.4;
const randoms = new Map<number, PreparedCase>();

function randomCase(index: number): PreparedCase {
  const known = randoms.get(index);
  if (known !== undefined) return known;
  const made = prepareCase({ name: `random-${index}`, ...randomApplication(seededChance(index)) });
  randoms.set(index, made);
  return made;
}

/** What a seed is about, where nobody names it. */
export function drawCase(seed: number): PreparedCase {
  if (drawPersonal(seed) !== undefined && chance(seed, "confides") < CONFIDING_SHARE) return confiding;
  if (chance(seed, "random") < RANDOM_SHARE) return randomCase(between(seed, "case", 0, RANDOM_CASES - 1));
  const sample = pickOne(seed, "case", drawn);
  const together = chance(seed, "grouped") < GROUPED_SHARE;
  return (together ? grouped.find(({ name }) => name === groupedName(sample.name)) : undefined) ?? sample;
}

function groupedName(name: string): string {
  return `${name}-grouped`;
}

/** A case by its name. */
export function caseNamed(name: string): PreparedCase {
  const random = /^random-(\d+)$/.exec(name)?.[1];
  if (random !== undefined) return randomCase(Number(random));
  const named = [...samples, ...grouped, confiding].find((sample) => sample.name === name);
  if (named !== undefined) return named;
  const known = [...samples, ...grouped, confiding].map((sample) => sample.name).join(", ");
  throw new RangeError(`No case is named "${name}": use one of ${known}, or random-0, random-1 and so on.`);
}
