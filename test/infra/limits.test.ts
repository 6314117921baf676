import { CfnResource, Duration, Stack } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { OrderedSubscription } from "../../infra/constructs/ordered-subscription.ts";
import { SpineAgent } from "../../infra/constructs/spine-agent.ts";
import { SpineFunction } from "../../infra/constructs/spine-function.ts";
import { SpineQueue, visibilityFor } from "../../infra/constructs/spine-queue.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { inquiry } from "#contracts/inquiry.ts";
import { newApp, newSpine, SPINE, templatesOf } from "./fixture.ts";

const entry = pathOf("functions/agents/inquiry/handler.ts");
const newStack = () => new Stack(newApp(), "Test");
const synth = (stack: Stack) => templatesOf(stack.node.root as ReturnType<typeof newApp>);

const functionIn = (stack: Stack, props: { timeout?: Duration; environment?: Record<string, string> }) =>
  new SpineFunction(stack, "F", {
    functionName: "spine-f",
    description: "f",
    entry,
    timeout: Duration.seconds(30),
    environment: {},
    ...props,
  });

describe("limits of AWS, checked when a stack is built", () => {
  test("a name that is too long is refused with its length, the limit and what to do", () => {
    expect(() => newSpine({ prefix: "a-very-long-prefix-of-a-very-long-project-of-a-department" })).toThrow(
      'The function name "a-very-long-prefix-of-a-very-long-project-of-a-department-ingress" has 65 characters; AWS takes 64. Use a shorter prefix or a shorter name.',
    );
    const queueName = `${"q".repeat(71)}.fifo`;
    expect(
      () => new SpineQueue(newStack(), "Q", { queueName, visibilityTimeout: Duration.seconds(30) }),
    ).toThrow(/has 81 characters; AWS takes 80/);
  });

  test.each([
    ["Spine", /does not match/],
    ["spine-", /does not match/],
    ["my-agent-spine", /contains the part "agent"/],
    ["spine-sub", /contains the part "sub"/],
  ])("the prefix %s is refused: its names could belong to another spine", (prefix, problem) => {
    expect(() => newSpine({ prefix })).toThrow(problem);
  });

  test.each(["inquiry-express", "inquiry-dead"])(
    "an agent named %s is refused: its queue is another agent's lane or dead letters",
    (name) => {
      const { stack, spine } = newSpine();
      const contract = { spec: { ...inquiry.spec, name: name as typeof inquiry.spec.name } };
      expect(() => new SpineAgent(stack, "A", { spine, contract, entry })).toThrow(/Rename it/);
    },
  );

  test("a subscription's name is checked in the same way", () => {
    const { stack, spine } = newSpine();
    expect(() => new OrderedSubscription(stack, "S", { spine, name: "Ledger" })).toThrow(/not usable/);
  });

  test("an environment over 4 KB fails synthesis and names the largest variable", () => {
    const stack = newStack();
    functionIn(stack, { environment: { SMALL: "x", LARGE: "x".repeat(4_096) } });
    expect(() => synth(stack)).toThrow(
      /environment of spine-f has about 4107 bytes; Lambda takes 4096. Shorten LARGE/,
    );
  });

  test("an environment of 4 KB passes", () => {
    const stack = newStack();
    functionIn(stack, { environment: { LARGE: "x".repeat(4_091) } });
    expect(() => synth(stack)).not.toThrow();
  });

  test("more than 500 resources fail synthesis and say how to split the stack", () => {
    const { stack } = newSpine();
    for (let i = 0; i < 400; i += 1) new CfnResource(stack, `R${i}`, { type: "AWS::SNS::Topic" });
    expect(() => synth(stack)).toThrow(
      /Stack Test has \d+ resources; CloudFormation takes 500. Move agents to a stack of their own with EventSpine.fromName/,
    );
  });

  test("a queue that hides messages for less than its function may run is refused", () => {
    const stack = newStack();
    const made = functionIn(stack, {});
    const queue = new SpineQueue(stack, "Q", {
      queueName: "spine-q",
      visibilityTimeout: Duration.seconds(29),
    });
    expect(() => queue.feed(made.function, Duration.seconds(30))).toThrow(
      /hidden for 29 s, but their function may run for 30 s/,
    );
  });

  test("visibility is six times the timeout, and twelve hours at most", () => {
    expect(visibilityFor(Duration.seconds(35)).toSeconds()).toBe(210);
    expect(visibilityFor(Duration.hours(3)).toSeconds()).toBe(43_200);
  });

  test("a function that would run longer than Lambda allows is refused", () => {
    expect(() => functionIn(newStack(), { timeout: Duration.seconds(901) })).toThrow(
      /901 s; Lambda allows 900/,
    );
  });

  test("a function that may not run as long as its agent's contract promises is refused", () => {
    const { stack, spine } = newSpine({ agents: {}, agentsElsewhere: Object.keys(SPINE.agents ?? {}) });
    const contract = { spec: { ...inquiry.spec, timeoutMs: 60_000 } };
    expect(
      () => new SpineAgent(stack, "A", { spine, contract, entry, timeout: Duration.seconds(30) }),
    ).toThrow(/may run for 30 s, but its contract promises an answer within 60 s/);
  });

  test("a bulkhead of one is refused", () => {
    expect(() => newSpine({ agents: { ...SPINE.agents, inquiry: { entry, maxConcurrency: 1 } } })).toThrow(
      /maxConcurrency of agent "inquiry" is 1; Lambda takes 2 to 1000/,
    );
  });
});
