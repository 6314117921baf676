import type { Problem } from "../../errors.ts";

export const LintRule = {
  /** Steps that may run together write the same path. */
  sharedSlot: "shared-slot",
  unreachableBranch: "unreachable-branch",
  unboundedLoop: "unbounded-loop",
  choiceWithoutDefault: "choice-without-default",
  /** A path is read whose section nobody writes. */
  unwrittenPath: "unwritten-path",
  ambiguousTrigger: "ambiguous-trigger",
  unknownAgent: "unknown-agent",
  unknownFlow: "unknown-flow",
  duplicateName: "duplicate-name",
  badCondition: "bad-condition",
  unboundedWait: "unbounded-wait",
  badNumber: "bad-number",
  /** A step of no known kind. */
  unknownKind: "unknown-kind",
  /** A field that is missing or of the wrong type. */
  badShape: "bad-shape",
  tooDeep: "too-deep",
  tooLarge: "too-large",
  /** A section that belongs to the spine or to an agent. */
  reservedSection: "reserved-section",
  noFallback: "no-fallback",
  /** A wait takes whatever comes where others wait for the same beside it. */
  sharedEvent: "shared-event",
  /** A branch reads what another one writes: its results will go stale. */
  staleRace: "stale-race",
  readBeforeWrite: "read-before-write",
  /** A slot is read that a run may not have filled. */
  maybeUnwritten: "maybe-unwritten",
  /** A run may reply more than once. */
  secondReply: "second-reply",
  /** A field is read that no schema of its section has. */
  unknownField: "unknown-field",
  /** An agent reads personal values, and its contract does not say what of its result is one. */
  undeclaredPersonal: "undeclared-personal",
  /** A personal value would become part of a path. */
  personalName: "personal-name",
} as const;
export type LintRule = (typeof LintRule)[keyof typeof LintRule];

/** A finding of the linter: place, problem and repair. */
export interface LintFinding {
  readonly rule: LintRule;
  readonly severity: "error" | "warning";
  readonly flow: string;
  /** Path in the flow, such as `plan/1/book`. */
  readonly place: string;
  readonly problem: string;
  readonly repair: string;
}

/**
 * One line for a person.
 *
 * @example
 * for (const finding of lintFlows([greeting], [greeter])) console.log(formatFinding(finding));
 */
export function formatFinding(finding: LintFinding): string {
  const { severity, rule, flow, place, problem, repair } = finding;
  return `${severity} ${rule} ${flow}/${place}: ${problem}. ${repair}`;
}

/** Collects the findings of one flow. */
export interface Report {
  error(rule: LintRule, place: string, problem: string, repair: string): void;
  warning(rule: LintRule, place: string, problem: string, repair: string): void;
  /** Adds a problem that another check describes; nothing when there is none. */
  problem(rule: LintRule, place: string, problem: Problem | undefined): void;
}

export function reportOn(flow: string, findings: LintFinding[]): Report {
  const add =
    (severity: LintFinding["severity"]) =>
    (rule: LintRule, place: string, problem: string, repair: string) => {
      findings.push({ rule, severity, flow, place, problem, repair });
    };
  return {
    error: add("error"),
    warning: add("warning"),
    problem: (rule, place, found) => {
      if (found !== undefined) add("error")(rule, place, found.problem, found.repair);
    },
  };
}
