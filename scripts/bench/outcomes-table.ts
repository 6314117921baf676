import type { Share } from "../statistics.ts";
import { OUTCOMES } from "./outcomes.ts";
import type { Summary } from "./summary.ts";

interface TableWords {
  readonly nameOf: (arm: string) => string;
  readonly interval: (share: Share) => string;
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => string;
}

/** The part of the page about what is no incident, by arm. */
export const outcomesSection = (
  faults: readonly Summary[],
  { nameOf, interval, table }: TableWords,
): string =>
  // A result that is older has not counted them.
  !faults.every((one) => "outcomes" in one)
    ? ""
    : `
### Fallbacks, doubt and refusals

None of them is an incident; each stands apart. Shares of sessions, with intervals of 95 %, or 3/N where none was seen. A *fallback* is what a flow declares for
an agent that gives nothing: this workload declares none, and a mesh has no place for one. *Doubt*: a function began the effect and did not
see its end, or the spine's log says \`EffectInDoubt\`; who goes on then repeats it under its key, the naive mesh without one. A *refusal* is a client
that was told no; a rival's client is told nothing until its patience ends, which counts as unanswered.

${table(
  ["faults", "arm", "sessions", ...OUTCOMES],
  faults.map((one) => [
    `×${one.faults}`,
    nameOf(one.arm),
    String(one.sessions),
    ...OUTCOMES.map((outcome) => interval(one.outcomes[outcome])),
  ]),
)}
`;
