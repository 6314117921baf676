import { existsSync, mkdtempSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack, type App } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { describe, expect, test } from "vitest";
import { recommendation } from "#contracts/recommendation.ts";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { SpineAgentGroup } from "../../infra/constructs/spine-agent-group.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { SpineAgent, type SpineAgentOptions } from "../../infra/constructs/spine-agent.ts";
import { pythonCode } from "../../infra/bundling/python-code.ts";
import { newApp, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

const folder = pathOf("docs/examples/python-agent");
const runtime = lambda.Runtime.PYTHON_3_13;
const python = { entry: folder, runtime, handler: "recommendation.handler" };

/** A stack of its own, beside the spine's. */
function newStack() {
  const stack = new Stack(newApp(), "Test");
  return { stack, spine: EventSpine.fromName(stack, "Spine") };
}
function newAgent(agent: SpineAgentOptions): Stack {
  const { stack, spine } = newStack();
  new SpineAgent(stack, "Agent", { spine, contract: recommendation, ...agent });
  return stack;
}
// The root of a construct tree is its app.
const synthesized = (stack: Stack): TemplateJson => templateOf(stack.node.root as App, "Test");
const templateWith = (agent: SpineAgentOptions) => synthesized(newAgent(agent));
const hostIn = (template: TemplateJson) =>
  all(template, "AWS::Lambda::Function").find(
    ({ FunctionName }) => FunctionName === "spine-agent-recommendation",
  );

/** All but what says which program a function runs. */
const withoutProgram = (template: TemplateJson): unknown => {
  const text = JSON.stringify(template.Resources, (name, value: unknown) =>
    name === "Runtime" || name === "Handler" || name === "Code" ? undefined : value,
  );
  return JSON.parse(text);
};

describe("an agent in Python", () => {
  test("has its runtime and handler, and all else as any agent", () => {
    const template = templateWith(python);
    expect(hostIn(template)).toMatchObject({
      Runtime: "python3.13",
      Handler: "recommendation.handler",
      Architectures: ["arm64"],
      RecursiveLoop: "Allow",
    });
    const other = templateWith({ entry: pathOf("functions/agents/recommendation/handler.ts") });
    expect(withoutProgram(template)).toEqual(withoutProgram(other));
    expect(rightsOf(template)["spine-agent-recommendation"]).toEqual(
      rightsOf(other)["spine-agent-recommendation"],
    );
  });

  test("is deployed as its folder is, without what Python leaves there", () => {
    const made = mkdtempSync(join(tmpdir(), "spine-python-"));
    for (const name of ["__pycache__", ".venv", "event_spine", "event_spine/__pycache__"])
      mkdirSync(join(made, name));
    for (const name of ["agent.py", "__pycache__/agent.pyc", ".venv/x", "event_spine/host.py"])
      writeFileSync(join(made, name), "");
    const stack = new Stack(newApp({ bundle: true }), "Test");
    new lambda.Function(stack, "Function", {
      code: pythonCode(stack, { folder: made, handler: "agent.handler", runtime }),
      handler: "agent.handler",
      runtime,
    });
    const { directory } = (stack.node.root as App).synth();
    const asset = readdirSync(directory).find((name) => existsSync(join(directory, name, "agent.py"))) ?? "";
    expect(readdirSync(join(directory, asset), { recursive: true }).toSorted()).toEqual([
      "agent.py",
      "event_spine",
      "event_spine/host.py",
    ]);
  });

  test.each([
    [
      { handler: "agent.handler", entry: "x.ts" },
      /agents\.recommendation\.handler is given without a runtime/,
    ],
    [
      { ...python, runtime: lambda.Runtime.NODEJS_24_X },
      /agents\.recommendation\.runtime is nodejs24\.x\. Give one of Python from 3\.10/,
    ],
    [{ ...python, runtime: lambda.Runtime.PYTHON_3_9 }, /runtime is python3\.9\./],
    [
      { ...python, entry: join(folder, "recommendation.py") },
      /entry is .*recommendation\.py, which is no folder/,
    ],
    [{ entry: folder, runtime }, /handler is missing\. Give "module\.function"/],
    [{ ...python, handler: "handler" }, /handler is "handler"\. Give/],
    [
      { ...python, handler: "missing.handler" },
      /handler is "missing\.handler", but there is no .*missing\.py/,
    ],
  ])("is refused where its program is not whole: %#", (agent, problem) => {
    expect(() => newAgent(agent)).toThrow(problem);
  });

  test("that has a function of its own says nothing of its program", () => {
    const { stack } = newStack();
    const own = lambda.Function.fromFunctionName(stack, "Own", "own") as lambda.Function;
    expect(() => newAgent({ function: own, runtime })).toThrow(
      /has a function of its own: leave out runtime and handler/,
    );
  });

  test("may host a group", () => {
    const { stack, spine } = newStack();
    const contracts = [recommendation];
    new SpineAgentGroup(stack, "Desk", { spine, group: "desk", contracts, ...python });
    expect(all(synthesized(stack), "AWS::Lambda::Function")).toEqual([
      expect.objectContaining({ FunctionName: "spine-agent-desk", Runtime: "python3.13" }),
    ]);
  });
});
