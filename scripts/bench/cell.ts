import { flatMesh } from "./arms/flat-mesh.ts";
import { NAIVE, nestedMesh, WELL_BUILT, type Fixes } from "./arms/nested-mesh.ts";
import { boundedSpine, groupedSpine, queuedAnswersSpine, spine, standardSpine } from "./arms/spine.ts";
import type { MakeArm, Workload } from "./arms/arm.ts";
import type { Arrivals } from "./client.ts";
import { PARAMS, withParam, type Params } from "./params.ts";
import { playRun, type RunResult } from "./run.ts";

const FIXES = ["contextTravels", "conditionalWrites", "idempotencyKeys", "deadlines", "retryBudget"] as const;

/** The naive mesh with one fix each, and without the SDK's retries: which of them helps with what. */
export const ABLATIONS: Readonly<Record<string, Fixes>> = {
  ...Object.fromEntries(FIXES.map((fix) => [`naive + ${fix}`, { ...NAIVE, [fix]: true }])),
  "naive - retries": { ...NAIVE, retries: false },
};

/** Every architecture under test, by its name in results. */
export const ARMS: Readonly<Record<string, MakeArm>> = {
  naive: nestedMesh(NAIVE),
  nested: nestedMesh(WELL_BUILT),
  flat: flatMesh,
  spine,
  "spine, one group": groupedSpine,
  "spine, bounded tenants": boundedSpine,
  "spine, standard queues": standardSpine,
  "spine, queued answers": queuedAnswersSpine,
  ...Object.fromEntries(Object.entries(ABLATIONS).map(([name, fixes]) => [name, nestedMesh(fixes)])),
};
export const MAIN_ARMS = ["naive", "nested", "flat", "spine", "spine, one group"] as const;
/** Under load, where agents call models, a hop less is not to be seen. */
export const LOAD_ARMS = MAIN_ARMS.filter((arm) => arm !== "spine, one group");

/** What agents do in a cell: nothing but coordination; work with an effect; or also a model's call each. */
export type Work = "coordination" | "effect" | "models";

/** One run of one arm, as data: so that it may be played by any thread. */
export interface Cell {
  readonly arm: string;
  readonly seed: number;
  readonly agents: number;
  readonly cap: number;
  readonly work: Work;
  readonly arrivals: Arrivals;
  /** Of a tenant that floods. @default nobody floods */
  readonly flood?: Arrivals;
  readonly faults: number;
  /** Parameters that differ, by `group.name`. */
  readonly changed?: Readonly<Record<string, unknown>>;
}

const paramsOf = ({ changed = {} }: Pick<Cell, "changed">): Params =>
  Object.entries(changed).reduce((params, [name, value]) => withParam(params, name, value), PARAMS);

/** Plays a cell. Throws for an arm that there is not. */
export function playCell(cell: Cell): Promise<RunResult> {
  const arm = ARMS[cell.arm];
  if (arm === undefined)
    throw new RangeError(`No arm is named "${cell.arm}": ${Object.keys(ARMS).join(", ")}.`);
  const { seed, arrivals, flood, faults } = cell;
  return playRun({ arm, seed, arrivals, flood, faults, params: paramsOf(cell), workload: workloadOf(cell) });
}

/** Agents in sequence; the one in the middle acts. */
function workloadOf({ agents, cap, work }: Pick<Cell, "agents" | "cap" | "work">): Workload {
  const names = Array.from({ length: agents }, (_, at) => `a${at + 1}`);
  const acts = work === "coordination" ? undefined : names[Math.floor(agents / 2)];
  return { agents: names, effectOf: acts, cap, model: work === "models", work: work !== "coordination" };
}
