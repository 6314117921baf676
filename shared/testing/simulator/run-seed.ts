import type { Application } from "#core/flow/compile.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { sessionKeyText, type AttemptRef } from "#core/ids.ts";
import type { Tokens } from "#ports/tokens.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { randomApplication, seededChance } from "../random-flow.ts";
import { between, chance, pickOne } from "./chance.ts";
import { Chaos, type Fault, type FaultPlan } from "./chaos.ts";
import { checkRun, readRun } from "./checks.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";
import { compareWithCalm, isDetermined } from "./compare.ts";
import { SAMPLE_CASES } from "./sample-flows.ts";
import { planScenario, type Scenario } from "./scenario.ts";
import { runWorld } from "./world.ts";

const digest = createNodeDigest();
// The simulator keeps no secrets: a token only has to belong to one attempt.
const tokenOf = (attempt: AttemptRef): string =>
  `${sessionKeyText(attempt)}/${attempt.task}/${attempt.attempt}`;
const tokens: Tokens = { issue: tokenOf, verify: (attempt, token) => token === tokenOf(attempt) };

interface NamedApplication {
  readonly name: string;
  readonly application: Application;
}

const samples = SAMPLE_CASES.map((make): NamedApplication => {
  const sample = make();
  return { name: sample.name, application: defineApplication(sample, digest) };
});

/** Every so many seeds each state is also read back from the log, event by event. */
const READ_BACK_EVERY = 16;

/** Compiling flows takes longer than running them: random ones are shared by many seeds. */
const RANDOM_CASES = 120;
const RANDOM_SHARE = 0.3;
const randoms = new Map<number, NamedApplication>();

function randomCase(index: number): NamedApplication {
  const known = randoms.get(index);
  if (known !== undefined) return known;
  const application = defineApplication(randomApplication(seededChance(index)), digest);
  const named = { name: `random-${index}`, application };
  randoms.set(index, named);
  return named;
}

export interface SeedOptions {
  /** Only flows of the case with this name. */
  readonly flow?: string;
  readonly plan?: FaultPlan;
  readonly left?: ReadonlySet<string>;
  /** @default true */
  readonly compare?: boolean;
}

export interface SeedResult {
  readonly seed: number;
  readonly flow: string;
  readonly scenario: Scenario;
  readonly emerged: readonly string[];
  readonly faults: readonly Fault[];
  readonly histories: readonly History[];
  readonly violations: readonly Violation[];
  /** Sessions whose final state was held against the run without faults. */
  readonly compared: number;
}

/** Runs one seed and checks it. The same seed and options give the same result, on any machine. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const { name, application } = applicationFor(seed, options.flow);
  const scenario = planScenario(seed, application);
  const left = options.left ?? new Set<string>();
  const run = async (plan: FaultPlan) => {
    const chaos = new Chaos(seed, plan);
    const aftermath = await runWorld({ seed, application, scenario, chaos, left, digest, tokens });
    return { chaos, aftermath };
  };
  const { chaos, aftermath } = await run(options.plan ?? { type: "drawn" });
  const { violations, histories } = await checkRun(aftermath, seed % READ_BACK_EVERY === 0);
  const base = { seed, flow: name, scenario, emerged: aftermath.emerged, faults: chaos.drawn, histories };
  // Without a fault of the world around it a run is its own calm run.
  const isCalm = chaos.drawn.every(isAgents);
  if (options.compare === false || violations.length > 0 || isCalm || !histories.some(isDetermined))
    return { ...base, violations, compared: 0 };
  const calm = await readRun((await run(calmOf(options.plan))).aftermath);
  return { ...base, ...compareWithCalm(histories, calm) };
}

const isAgents = ({ kind }: Fault): boolean => kind.startsWith("agent-");

/** What agents do of their own accord they do without faults too. */
function calmOf(plan: FaultPlan = { type: "drawn" }): FaultPlan {
  if (plan.type !== "only") return { type: "none" };
  return {
    type: "only",
    faults: new Map([...plan.faults].filter(([, fault]) => isAgents(fault))),
  };
}

function applicationFor(seed: number, flow: string | undefined): NamedApplication {
  if (flow === undefined) {
    if (chance(seed, "random") < RANDOM_SHARE) return randomCase(between(seed, "case", 0, RANDOM_CASES - 1));
    return pickOne(seed, "case", samples);
  }
  const random = /^random-(\d+)$/.exec(flow)?.[1];
  if (random !== undefined) return randomCase(Number(random));
  const named = samples.find(({ name }) => name === flow);
  if (named !== undefined) return named;
  const known = samples.map(({ name }) => name).join(", ");
  throw new RangeError(`No case is named "${flow}": use one of ${known}, or random-0, random-1 and so on.`);
}
