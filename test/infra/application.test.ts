import type { App } from "aws-cdk-lib";
import { Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { newApp, newSpine, SPINE, templateOf, templatesOf } from "./fixture.ts";

const entry = pathOf("functions/agents/inquiry/handler.ts");
const spineOf = (file: string, agent: string) => {
  const stack = new Stack(newApp(), "Test");
  const application = pathOf(`test/infra/applications/${file}.ts`);
  new EventSpine(stack, "Spine", { application, agents: { [agent]: { entry } } });
  return stack;
};
const synth = (stack: Stack) => templatesOf(stack.node.root as App);
const { inquiry: _, ...allButInquiry } = SPINE.agents ?? {};

describe("an application, checked when its stack is built", () => {
  test("a finding of the linter fails synthesis with rule, place and repair", () => {
    expect(() => synth(spineOf("shared-slot", "greeter"))).toThrow(
      /error shared-slot greeting\/plan\S*: .+\. .+/,
    );
  });

  test("a warning of the linter is a warning of CDK", () => {
    const stack = spineOf("slow", "slow");
    Annotations.fromStack(stack).hasWarning(
      "/Test/Spine",
      Match.stringLikeRegexp("warning no-fallback waiting/plan"),
    );
  });

  test("a schema that only code can say is a warning with its place, and a schema that data can say is none", () => {
    const path = "/Test/Spine";
    const said = Match.stringLikeRegexp("warning schema-code");
    const stack = spineOf("refined", "greeter");
    Annotations.fromStack(stack).hasWarning(
      path,
      Match.stringLikeRegexp("warning schema-code agents/greeter output: text has a refinement"),
    );
    Annotations.fromStack(newSpine().stack).hasNoWarning(path, said);
  });

  test("an agent that nobody hosts fails synthesis", () => {
    const { stack } = newSpine({ agents: allButInquiry });
    expect(() => synth(stack)).toThrow(/error unhosted-agent agents\/inquiry: no function runs it/);
  });

  test("an agent that is said to be elsewhere does not", () => {
    const { stack } = newSpine({ agents: allButInquiry, agentsElsewhere: ["inquiry"] });
    expect(() => synth(stack)).not.toThrow();
  });

  test("an agent that is hosted here and elsewhere fails synthesis", () => {
    const { stack } = newSpine({ agentsElsewhere: ["inquiry"] });
    expect(() => synth(stack)).toThrow(/error hosted-twice agents\/inquiry/);
  });

  test("an agent of a name that the application does not know fails synthesis", () => {
    const { stack } = newSpine({ agents: { ...SPINE.agents, inqiury: { entry } } });
    expect(() => synth(stack)).toThrow(
      /error unknown-agent agents\/inqiury: the application has no contract/,
    );
  });

  test("a module without an application is refused with what to export", () => {
    expect(() => spineOf("nothing", "greeter")).toThrow(/exports no applicationDefinition. Export const/);
  });

  test("a module that waits at its top level is refused with file, line and repair", () => {
    expect(() => spineOf("waiting", "slow")).toThrow(
      /cannot be loaded: .*waiting\.ts:3: it waits at its top level .+: wait inside a function/,
    );
  });

  test("a module that cannot be compiled is refused with file and line", () => {
    expect(() => spineOf("missing", "slow")).toThrow(/application .*missing\.ts cannot be loaded: /);
  });

  test("a function outlives the longest timeout that a step allows its agent", () => {
    const template = templateOf(spineOf("slow", "slow").node.root as App, "Test");
    const timeouts = Object.values(template.Resources).flatMap(({ Properties }) =>
      Properties?.["FunctionName"] === "spine-agent-slow" ? [Properties["Timeout"]] : [],
    );
    expect(timeouts).toEqual([65]);
  });
});
