import { Annotations, CfnResource, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { formatFinding } from "#core/flow/lint.ts";
import { checkApplication, type Hosting, type LoadedApplication } from "../bundling/load-application.ts";
import { resourceProblems } from "../settings/aws-limits.ts";

/** Reports the linter's findings at synthesis, and fails for an error. */
export function reportFindings(spine: Construct, application: LoadedApplication, hosting: Hosting): void {
  const { errors, warnings, codeSchemas } = checkApplication(application, hosting);
  const annotations = Annotations.of(spine);
  for (const finding of warnings) {
    annotations.addWarningV2(
      `event-spine:${finding.rule}:${finding.flow}/${finding.place}`,
      formatFinding(finding),
    );
  }
  for (const { of, field, problem } of codeSchemas) {
    annotations.addWarningV2(
      `event-spine:schema-code:${of}`,
      `warning schema-code ${of}: ${field === "" ? "it" : field} ${problem}, which JSON Schema cannot express. ` +
        "It still applies, but the functions that decide have to load the application's code and its libraries at startup. " +
        "Move the check into the agent, or use a keyword of JSON Schema (docs/agents.md).",
    );
  }
  const stack = Stack.of(spine);
  spine.node.addValidation({
    validate: () => [
      ...errors,
      ...resourceProblems(
        stack.stackName,
        stack.node.findAll().filter((node) => CfnResource.isCfnResource(node)).length,
      ),
    ],
  });
}
