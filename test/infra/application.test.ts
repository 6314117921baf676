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

describe("the check of an application at synthesis", () => {
  test("fails for a finding of the linter, with rule, place and repair", () => {
    expect(() => synth(spineOf("shared-slot", "greeter"))).toThrow(
      /error shared-slot greeting\/plan\S*: .+\. .+/,
    );
  });

  test("turns a warning of the linter into a warning of CDK", () => {
    const stack = spineOf("slow", "slow");
    Annotations.fromStack(stack).hasWarning(
      "/Test/Spine",
      Match.stringLikeRegexp("warning no-fallback waiting/plan"),
    );
  });

  test("warns with its place about a schema that needs code, and not about a schema that data can express", () => {
    const path = "/Test/Spine";
    const said = Match.stringLikeRegexp("warning schema-code");
    const stack = spineOf("refined", "greeter");
    Annotations.fromStack(stack).hasWarning(
      path,
      Match.stringLikeRegexp("warning schema-code agents/greeter output: text has a refinement"),
    );
    Annotations.fromStack(newSpine().stack).hasNoWarning(path, said);
  });

  test("fails for an agent without a host", () => {
    const { stack } = newSpine({ agents: allButInquiry });
    expect(() => synth(stack)).toThrow(/error unhosted-agent agents\/inquiry: no function runs it/);
  });

  test("accepts an agent that is declared to be hosted elsewhere", () => {
    const { stack } = newSpine({ agents: allButInquiry, agentsElsewhere: ["inquiry"] });
    expect(() => synth(stack)).not.toThrow();
  });

  test("fails for an agent that is hosted here and elsewhere", () => {
    const { stack } = newSpine({ agentsElsewhere: ["inquiry"] });
    expect(() => synth(stack)).toThrow(/error hosted-twice agents\/inquiry/);
  });

  test("fails for an agent name that the application does not contain", () => {
    const { stack } = newSpine({ agents: { ...SPINE.agents, inqiury: { entry } } });
    expect(() => synth(stack)).toThrow(
      /error unknown-agent agents\/inqiury: the application has no contract/,
    );
  });

  test("rejects a module without an application and says what to export", () => {
    expect(() => spineOf("nothing", "greeter")).toThrow(/exports no applicationDefinition. Export const/);
  });

  test("rejects a module with top-level await, with file, line and repair", () => {
    expect(() => spineOf("waiting", "slow")).toThrow(
      /cannot be loaded: .*waiting\.ts:3: it uses top-level await.+: move the await into a function/,
    );
  });

  test("rejects a module that cannot be compiled, with file and line", () => {
    expect(() => spineOf("missing", "slow")).toThrow(/application .*missing\.ts cannot be loaded: /);
  });

  test("requires a function timeout longer than any step allows its agent", () => {
    const template = templateOf(spineOf("slow", "slow").node.root as App, "Test");
    const timeouts = Object.values(template.Resources).flatMap(({ Properties }) =>
      Properties?.["FunctionName"] === "spine-agent-slow" ? [Properties["Timeout"]] : [],
    );
    expect(timeouts).toEqual([65]);
  });
});
