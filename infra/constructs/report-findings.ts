import { Annotations, CfnResource, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { formatFinding } from "#core/flow/lint.ts";
import { checkApplication, type Hosting, type LoadedApplication } from "../application.ts";
import { resourceProblems } from "../limits.ts";

/** Tells at synthesis what the linter found, and refuses what is an error. */
export function reportFindings(spine: Construct, application: LoadedApplication, hosting: Hosting): void {
  const { errors, warnings } = checkApplication(application, hosting);
  const annotations = Annotations.of(spine);
  for (const finding of warnings) {
    annotations.addWarningV2(
      `event-spine:${finding.rule}:${finding.flow}/${finding.place}`,
      formatFinding(finding),
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
