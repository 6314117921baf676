import { caseNamed, drawCase } from "./cases.ts";
import type { Fault, FaultPlan } from "./chaos.ts";
import { checkRun, readRun } from "./checks.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";
import { compareWithCalm, isDetermined } from "./compare.ts";
import { consequencesOf, type Consequence } from "./coverage.ts";
import { runPlan } from "./run-plan.ts";
import { planScenario, type Scenario } from "./scenario.ts";

/** Every so many seeds each state is also read back from the log, event by event. */
const READ_BACK_EVERY = 16;

export interface SeedOptions {
  /** Only flows of the case with this name. */
  readonly flow?: string;
  readonly plan?: FaultPlan;
  readonly left?: ReadonlySet<string>;
  /** @default true */
  readonly compare?: boolean;
}

/** What became of a run. */
export interface RunResult {
  readonly seed: number;
  readonly flow: string;
  readonly scenario: Scenario;
  readonly faults: readonly Fault[];
  readonly histories: readonly History[];
  readonly violations: readonly Violation[];
}

export interface SeedResult extends RunResult {
  readonly emerged: readonly string[];
  readonly consequences: Readonly<Record<Consequence, number>>;
  /** Sessions whose final state was held against the run without faults. */
  readonly compared: number;
}

/** Runs one seed and checks it. The same seed and options give the same result, on any machine. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const subject = options.flow === undefined ? drawCase(seed) : caseNamed(options.flow);
  const scenario = planScenario(seed, subject.application);
  const run = (plan: FaultPlan) =>
    runPlan({ seed, subject, scenario, plan, ...(options.left !== undefined && { left: options.left }) });
  const { chaos, worldResult } = await run(options.plan ?? { type: "drawn" });
  const { violations, histories } = await checkRun(worldResult, seed % READ_BACK_EVERY === 0);
  const { emerged } = worldResult;
  const consequences = consequencesOf(worldResult, histories);
  const base = { seed, flow: subject.name, scenario, emerged, faults: chaos.drawn, consequences, histories };
  // Without a fault of the world around it a run is its own calm run.
  const isCalm = chaos.drawn.every(isAgents);
  if (options.compare === false || violations.length > 0 || isCalm || !histories.some(isDetermined))
    return { ...base, violations, compared: 0 };
  const calm = await readRun((await run(calmOf(options.plan))).worldResult);
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
