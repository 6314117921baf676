import type { Cell } from "./cell.ts";
import type { Scale } from "./experiments.ts";
import { PARAMS } from "./params.ts";
import type { Summary } from "./summary.ts";

/** What a quiet tenant has beside it. */
interface TenantCase {
  readonly name: string;
  readonly arm: string;
  readonly floods: boolean;
  readonly changed?: Readonly<Record<string, unknown>>;
}

const { functions, load } = PARAMS;

/** Mappings in provisioned mode, which run so many batches from their first second. */
export const PROVISIONED = {
  "functions.pollersAtFirst": functions.provisionedPollers * functions.batchesAPoller,
};

const BOUNDED = "spine, bounded tenants";
const ALONE: TenantCase = { name: "alone", arm: BOUNDED, floods: false };
const BESIDE: TenantCase = { name: "beside the flood", arm: BOUNDED, floods: true };
const UNBOUNDED: TenantCase = { name: "beside the flood, without a bound", arm: "spine", floods: true };
export const TENANT_CASES: readonly TenantCase[] = [
  ALONE,
  BESIDE,
  { ...BESIDE, name: "beside the flood, with provisioned pollers", changed: PROVISIONED },
  { name: "alone, without a bound", arm: "spine", floods: false },
  UNBOUNDED,
];

const AGENTS = 3;

/** A quiet tenant, alone and beside one that floods the same agents. */
export const tenantCells = ({ seeds, forMs }: Pick<Scale, "seeds" | "forMs">): readonly Cell[] =>
  TENANT_CASES.flatMap(({ arm, floods, changed }) =>
    Array.from({ length: seeds }, (_, at): Cell => {
      const arrivals = { perSecond: load.quietPerSecond, forMs: forMs / 2, bursty: false };
      const flood = { ...arrivals, perSecond: load.floodPerSecond };
      const base = {
        seed: at + 1,
        agents: AGENTS,
        cap: load.cap,
        work: "models",
        arrivals,
        faults: 0,
      } as const;
      return { ...base, arm, ...(floods && { flood }), ...(changed !== undefined && { changed }) };
    }),
  );

/** What was played, by its case; none where it was not played. */
const played = (summaries: readonly Summary[], one: TenantCase): Summary | undefined =>
  summaries[TENANT_CASES.indexOf(one)];

export const TENANT_MEASURE = {
  id: "tenant-p50",
  measure: `p50 of a quiet tenant beside one that floods the same agents, against alone, ${load.tenantInFlight} tasks of a tenant in flight`,
  unit: "×",
  bound: 1.5,
} as const;

/** How much slower the quiet tenant is, and what it is made of. */
export function tenantFigure(summaries: readonly Summary[] = []): {
  readonly value?: number;
  readonly how?: string;
} {
  const [alone, beside] = [played(summaries, ALONE), played(summaries, BESIDE)];
  if (alone === undefined || beside === undefined) return {};
  const unbounded = played(summaries, UNBOUNDED);
  return {
    value: beside.latency.p50 / alone.latency.p50,
    how: `${seconds(alone.latency.p50)} alone, ${seconds(beside.latency.p50)} beside ${load.floodPerSecond} sessions/s, where an agent's cap is ${load.cap}; answered: ${percent(beside.answered)}, without the bound ${percent(unbounded?.answered ?? NaN)}`,
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const seconds = (ms: number): string =>
  Number.isFinite(ms) ? `${(ms / 1_000).toFixed(2)} s` : "no answer to half of it";

/** The part of the page about it; empty where it was not played. */
export function tenantSection(
  summaries: readonly Summary[],
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  if (summaries.length === 0) return "";
  const rows = TENANT_CASES.flatMap(({ name }, at) => {
    const one = summaries[at];
    if (one === undefined) return [];
    const { p50, p90 } = one.latency;
    return [[name, seconds(p50), seconds(p90), percent(one.answered)]];
  });
  return `## A tenant that floods

A quiet tenant with ${load.quietPerSecond} session a second, ${AGENTS} agents that call models, caps of ${load.cap}; another tenant sends ${load.floodPerSecond} sessions a second
to the same agents and waits for no reply. Where it is bounded, ${load.tenantInFlight} tasks of a tenant are in flight in an agent's queue
([deploy](../deploy.md#tenants-and-quotas)). Each tenant has
circuit breakers of its own there. The figures are the quiet tenant's; what was refused counts as not answered, but has a time.

${table(["the quiet tenant", "p50", "p90", "answered"], rows)}
`;
}
