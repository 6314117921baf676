import { sessionKeyText, type AttemptRef } from "#core/ids.ts";
import type { ReadyTokens } from "#ports/secrets.ts";
import { digest, type PreparedCase } from "./cases.ts";
import { Chaos, type FaultPlan, type OnOffer } from "./chaos.ts";
import type { Scenario } from "./scenario.ts";
import { runWorld, type WorldResult } from "./sim-world.ts";
import type { Crowd } from "./slots.ts";

// The simulator keeps no secrets: a token only has to belong to one attempt.
const tokenOf = (attempt: AttemptRef): string =>
  `${sessionKeyText(attempt)}/${attempt.task}/${attempt.attempt}`;
const tokens: ReadyTokens = { issue: tokenOf, verify: (attempt, token) => token === tokenOf(attempt) };

/** What happens in a run: the same values give the same run. */
export interface Planned {
  readonly seed: number;
  readonly subject: PreparedCase;
  readonly scenario: Scenario;
  readonly plan: FaultPlan;
  /** Names of inputs that are left out. @default none */
  readonly left?: ReadonlySet<string>;
  readonly crowd?: Crowd;
}

export interface PlanResult {
  readonly chaos: Chaos;
  readonly worldResult: WorldResult;
}

/** Runs a scenario under a plan of faults. */
export async function runPlan(
  { left = new Set(), plan, ...planned }: Planned,
  onOffer?: OnOffer,
): Promise<PlanResult> {
  const chaos = new Chaos(planned.seed, plan, onOffer);
  const worldResult = await runWorld({ ...planned, chaos, left, digest, tokens });
  return { chaos, worldResult };
}
