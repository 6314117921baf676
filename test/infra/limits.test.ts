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

describe("limits of AWS, checked at synthesis", () => {
  test("reject a name that is too long with its length, the limit and a repair", () => {
    expect(() => newSpine({ prefix: "a-very-long-prefix-of-a-very-long-project-of-a-department" })).toThrow(
      'The function name "a-very-long-prefix-of-a-very-long-project-of-a-department-ingress" has 65 characters; AWS allows 64. Use a shorter prefix or a shorter name.',
    );
    const queueName = `${"q".repeat(71)}.fifo`;
    expect(
      () => new SpineQueue(newStack(), "Q", { queueName, visibilityTimeout: Duration.seconds(30) }),
    ).toThrow(/has 81 characters; AWS allows 80/);
  });

  test.each([
    ["Spine", /does not match/],
    ["spine-", /does not match/],
    ["my-agent-spine", /contains the part "agent"/],
    ["spine-sub", /contains the part "sub"/],
  ])("reject the prefix %s, whose names could belong to another spine", (prefix, problem) => {
    expect(() => newSpine({ prefix })).toThrow(problem);
  });

  test.each(["inquiry-express", "inquiry-dead"])(
    "reject an agent named %s, whose queue is another agent's lane or dead-letter queue",
    (name) => {
      const { stack, spine } = newSpine();
      const contract = { spec: { ...inquiry.spec, name: name as typeof inquiry.spec.name } };
      expect(() => new SpineAgent(stack, "A", { spine, contract, entry })).toThrow(/Rename it/);
    },
  );

  test("apply to a subscription's name in the same way", () => {
    const { stack, spine } = newSpine();
    expect(() => new OrderedSubscription(stack, "S", { spine, name: "Ledger" })).toThrow(/is invalid/);
  });

  test("reject an environment over 4 KB and name the largest variable", () => {
    const stack = newStack();
    functionIn(stack, { environment: { SMALL: "x", LARGE: "x".repeat(4_096) } });
    expect(() => synth(stack)).toThrow(
      /environment of spine-f has about 4107 bytes; Lambda allows 4096. Shorten LARGE/,
    );
  });

  test("accept an environment of 4 KB", () => {
    const stack = newStack();
    functionIn(stack, { environment: { LARGE: "x".repeat(4_091) } });
    expect(() => synth(stack)).not.toThrow();
  });

  test("reject more than 500 resources and say how to split the stack", () => {
    const { stack } = newSpine();
    for (let i = 0; i < 400; i += 1) new CfnResource(stack, `R${i}`, { type: "AWS::SNS::Topic" });
    expect(() => synth(stack)).toThrow(
      /Stack Test has \d+ resources; CloudFormation allows 500. Move agents to a stack of their own with EventSpine.fromName/,
    );
  });

  test("reject a queue whose visibility timeout is less than its function's timeout", () => {
    const stack = newStack();
    const made = functionIn(stack, {});
    const queue = new SpineQueue(stack, "Q", {
      queueName: "spine-q",
      visibilityTimeout: Duration.seconds(29),
    });
    expect(() => queue.feed(made.function, Duration.seconds(30))).toThrow(
      /is 29 s, but its function may run for 30 s/,
    );
  });

  test("set the visibility timeout to six times the function's timeout, and twelve hours at most", () => {
    expect(visibilityFor(Duration.seconds(35)).toSeconds()).toBe(210);
    expect(visibilityFor(Duration.hours(3)).toSeconds()).toBe(43_200);
  });

  test("reject a function timeout longer than Lambda allows", () => {
    expect(() => functionIn(newStack(), { timeout: Duration.seconds(901) })).toThrow(
      /901 s; Lambda allows 900/,
    );
  });

  test("reject a function timeout shorter than its agent's contract promises", () => {
    const { stack, spine } = newSpine({ agents: {}, agentsElsewhere: Object.keys(SPINE.agents ?? {}) });
    const contract = { spec: { ...inquiry.spec, timeoutMs: 60_000 } };
    expect(
      () => new SpineAgent(stack, "A", { spine, contract, entry, timeout: Duration.seconds(30) }),
    ).toThrow(/may run for 30 s, but its contract promises an answer within 60 s/);
  });

  test("reject a bulkhead of one", () => {
    expect(() => newSpine({ agents: { ...SPINE.agents, inquiry: { entry, maxConcurrency: 1 } } })).toThrow(
      /maxConcurrency of agent "inquiry" is 1; Lambda accepts 2 to 1000/,
    );
  });
});
