import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { callbackConcurrency } from "../../infra/settings/callback-bounds.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

// The root of a construct tree is its app.
const templateWith = (props: Parameters<typeof newSpine>[0] = {}): TemplateJson =>
  templateOf(newSpine(props).stack.node.root as App, "Test");
const functionIn = (template: TemplateJson, name: string) =>
  all(template, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === name);
const publicUrls = (template: TemplateJson) =>
  all(template, "AWS::Lambda::Url").filter(({ AuthType }) => AuthType === "NONE");

describe("the public endpoint for answers", () => {
  test("is not there unless it is asked for: every URL takes signed requests", () => {
    const template = templateWith();
    expect(functionIn(template, "spine-callback")).toBeUndefined();
    expect(publicUrls(template)).toEqual([]);
  });

  const open = templateWith({ callbacks: {} });

  test("is the only URL without signatures, has no CORS, and is told as an output", () => {
    const urls = publicUrls(open);
    expect(urls).toHaveLength(1);
    expect(urls[0]).not.toHaveProperty("Cors");
    expect(Object.keys(open.Outputs ?? {}).join()).toContain("CallbackUrl");
  });

  test("is open to everyone by its URL, and by nothing else", () => {
    const everyone = all(open, "AWS::Lambda::Permission").filter(({ Principal }) => Principal === "*");
    expect(
      everyone.map(({ Action, FunctionUrlAuthType, InvokedViaFunctionUrl }) => [
        Action,
        FunctionUrlAuthType ?? InvokedViaFunctionUrl,
      ]),
    ).toEqual([
      ["lambda:InvokeFunctionUrl", "NONE"],
      ["lambda:InvokeFunction", true],
    ]);
  });

  test("may invoke the door, read the token secret, and nothing else", () => {
    const rights = (rightsOf(open)["spine-callback"] ?? []).filter((right) => !right.startsWith("logs:"));
    expect(rights.map((right) => right.split(" ")[0])).toEqual([
      "lambda:InvokeFunction",
      "secretsmanager:GetSecretValue",
    ]);
    expect(rights[0]).toBe("lambda:InvokeFunction function:spine-door");
  });

  test("runs in environments of its own, which are also its most", () => {
    expect(functionIn(open, "spine-callback")).toMatchObject({
      ReservedConcurrentExecutions: 5,
      Timeout: 10,
    });
    const two = templateWith({ callbacks: { reservedConcurrency: 2 } });
    expect(functionIn(two, "spine-callback")).toMatchObject({ ReservedConcurrentExecutions: 2 });
    for (const reservedConcurrency of [0, 1.5, Number.NaN])
      expect(() => callbackConcurrency({ reservedConcurrency })).toThrow("Give a whole number");
  });

  test("is told to agents that answer later; their functions live a minute, not as long as the work", () => {
    const folder = "test/local/fixture/later";
    const own = (name: string) => ({ [name]: { entry: pathOf(`${folder}/${name}.ts`) } });
    const application = pathOf(`${folder}/application.ts`);
    const template = templateWith({
      application,
      agents: { ...own("render"), ...own("sketch"), ...own("listener") },
      callbacks: {},
    });
    const render = functionIn(template, "spine-agent-render");
    expect(render).toMatchObject({ Timeout: 65 });
    expect(JSON.stringify(render?.["Environment"])).toContain("CALLBACK_URL");
    expect(JSON.stringify(functionIn(open, "spine-agent-inquiry")?.["Environment"])).not.toContain(
      "CALLBACK_URL",
    );
    const queue = all(template, "AWS::SQS::Queue").find(
      ({ QueueName }) => QueueName === "spine-agent-render.fifo",
    );
    expect(queue).toMatchObject({ VisibilityTimeout: 390 });
  });
});
