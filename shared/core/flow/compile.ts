import { SpineError } from "../errors.ts";
import {
  compileApplication,
  contractsOf,
  type Application,
  type ApplicationDefinition,
  type TextDigest,
} from "./application.ts";
import { formatFinding, lintFlows, type LintFinding } from "./lint.ts";

export { contractsOf, hashFlow } from "./application.ts";
export type { Application, ApplicationDefinition, TextDigest } from "./application.ts";

/** A checked application, with the linter's findings that are not errors. */
export interface CheckedApplication extends Application {
  readonly warnings: readonly LintFinding[];
}

/**
 * Checks and compiles flows. Throws `flow.invalid` with every problem when the linter finds an error.
 *
 * @example
 * const application = defineApplication({ flows: [greeting] }, digest);
 */
export function defineApplication(definition: ApplicationDefinition, digest: TextDigest): CheckedApplication {
  const findings = lintFlows(definition.flows, contractsOf(definition), { events: definition.events ?? {} });
  const errors = findings.filter((finding) => finding.severity === "error");
  if (errors.length > 0) throw invalid(errors);
  return {
    ...compileApplication(definition, digest),
    warnings: findings.filter((finding) => finding.severity === "warning"),
  };
}

function invalid(errors: readonly LintFinding[]): SpineError {
  const problems = errors.map(({ flow, place, problem, repair }) => ({
    field: `${flow}/${place}`,
    problem,
    repair,
  }));
  return new SpineError("flow.invalid", errors.map(formatFinding).join("\n"), { problems, whole: true });
}
