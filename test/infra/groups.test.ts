import { Duration, Stack, type App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import type { EventSpineProps } from "../../infra/constructs/event-spine-props.ts";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { newApp, newSpine, SPINE, templateOf, type Resource } from "./fixture.ts";

const entry = pathOf("functions/agents/inquiry/handler.ts");

function spineOf(file: string, props: Partial<EventSpineProps>): Stack {
  const stack = new Stack(newApp(), "Test");
  new EventSpine(stack, "Spine", { application: pathOf(`test/infra/applications/${file}.ts`), ...props });
  return stack;
}
const resourcesOf = (stack: Stack): readonly Resource[] =>
  Object.values(templateOf(stack.node.root as App, "Test").Resources);
const desk = { groups: { desk: { entry } } };

describe("a group of agents", () => {
  test("has one function for the queues of all its agents", () => {
    const resources = resourcesOf(spineOf("grouped", desk));
    const named = (start: string) =>
      resources.flatMap(({ Properties }) => {
        const name = Properties?.["FunctionName"];
        return typeof name === "string" && name.startsWith(start) ? [name] : [];
      });
    expect(named("spine-agent-")).toEqual(["spine-agent-desk"]);
    const queues = resources.flatMap(({ Type, Properties }) =>
      Type === "AWS::SQS::Queue" ? [String(Properties?.["QueueName"])] : [],
    );
    for (const name of ["reader", "writer"]) expect(queues).toContain(`spine-agent-${name}.fifo`);
    const host = JSON.stringify({ Ref: "SpineGroupdeskHostFunction" }).slice(0, 20);
    const mappings = resources.filter(
      ({ Type, Properties }) =>
        Type === "AWS::Lambda::EventSourceMapping" &&
        JSON.stringify(Properties?.["FunctionName"]).startsWith(host),
    );
    // Two lanes each.
    expect(mappings).toHaveLength(4);
  });

  test("runs as long as its agents together may take, and hides their messages longer", () => {
    const resources = resourcesOf(spineOf("grouped", desk));
    const timeout = resources.find(({ Properties }) => Properties?.["FunctionName"] === "spine-agent-desk");
    expect(timeout?.Properties?.["Timeout"]).toBe(35);
    const queue = resources.find(({ Properties }) => Properties?.["QueueName"] === "spine-agent-reader.fifo");
    expect(queue?.Properties?.["VisibilityTimeout"]).toBe(210);
  });

  test("whose function could outlive a claim is refused, and says what to change", () => {
    const refusal = /may run for 125 s, but a claim .* after 35 s.*Raise the timeoutMs/s;
    expect(() => spineOf("grouped-payer", desk)).toThrow(refusal);
    const shorter = { groups: { desk: { entry, timeout: Duration.seconds(30) } } };
    expect(() => spineOf("grouped-payer", shorter)).toThrow(/promises an answer within 120 s/);
  });

  test("that no contract names, or that has an agent's name, is an error", () => {
    const { stack } = newSpine({ groups: { nobody: { entry }, inquiry: { entry } } });
    const synth = () => templateOf(stack.node.root as App, "Test");
    expect(synth).toThrow(/error unknown-group groups\/nobody: no contract names this group/);
    expect(synth).toThrow(/error group-name groups\/inquiry: an agent has the same name/);
  });

  test("hosts its agents, and nobody else does", () => {
    expect(() => resourcesOf(spineOf("grouped", {}))).toThrow(/error unhosted-agent agents\/reader/);
    const twice = spineOf("grouped", { ...desk, agents: { reader: { entry } } });
    expect(() => resourcesOf(twice)).toThrow(/error grouped-agent agents\/reader: .*"desk"/);
    expect(SPINE.groups).toBeUndefined();
  });
});
