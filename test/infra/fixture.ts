import { App, Stack } from "aws-cdk-lib";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractsOf } from "#core/flow/application.ts";
import { loadApplication } from "../../infra/bundling/load-application.ts";
import type { EventSpineProps } from "../../infra/constructs/event-spine-props.ts";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { FLAGS } from "../../infra/settings/flags.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

export interface TemplateJson {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

// CDK checks each template against CloudFormation's schemas, which takes seconds; app.test.ts has it done once.
process.env["CDK_VALIDATION"] = "false";

/** An app that writes to a folder of its own. Without `bundle` the functions' code is left out, which takes seconds. */
export function newApp({ bundle = false }: { readonly bundle?: boolean } = {}): App {
  return new App({
    outdir: mkdtempSync(join(tmpdir(), "spine-infra-")),
    context: { ...FLAGS, ...(!bundle && { "aws:cdk:bundling-stacks": [] }) },
    analyticsReporting: false,
  });
}

/** Templates of all stacks of an app, by stack name. */
export function templatesOf(app: App): Readonly<Record<string, TemplateJson>> {
  const stacks = app.synth().stacks.map(({ stackName, template }) => [stackName, template as TemplateJson]);
  return Object.fromEntries(stacks) as Readonly<Record<string, TemplateJson>>;
}

export function templateOf(app: App, stack: string): TemplateJson {
  const template = templatesOf(app)[stack];
  if (template === undefined) throw new Error(`No stack is named ${stack}.`);
  return template;
}

const APPLICATION = pathOf("shared/application/sample-application.ts");

const agent = (name: string) => ({ entry: pathOf(`functions/agents/${name}/handler.ts`) });

/** A spine of the project's own application, every agent in its stack. */
export const SPINE: EventSpineProps = {
  application: APPLICATION,
  agents: Object.fromEntries(
    contractsOf(loadApplication(APPLICATION).definition).map(({ spec }) => [spec.name, agent(spec.name)]),
  ),
};

export function newSpine(props: Partial<EventSpineProps> = {}): {
  readonly stack: Stack;
  readonly spine: EventSpine;
} {
  const stack = new Stack(newApp(), "Test");
  return { stack, spine: new EventSpine(stack, "Spine", { ...SPINE, ...props }) };
}
