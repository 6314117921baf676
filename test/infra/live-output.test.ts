import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

// The root of a construct tree is its app.
const templateWith = (props: Parameters<typeof newSpine>[0] = {}): TemplateJson =>
  templateOf(newSpine(props).stack.node.root as App, "Test");

const functionIn = (template: TemplateJson, name: string) =>
  all(template, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === name);

const variablesOf = (template: TemplateJson, name: string): Readonly<Record<string, unknown>> => {
  const { Variables = {} } = (functionIn(template, name)?.["Environment"] ?? {}) as {
    readonly Variables?: Readonly<Record<string, unknown>>;
  };
  return Variables;
};

const LIVE = { liveOutput: true, commitForm: 4 };

describe("live output", () => {
  test("is not there unless it is asked for", () => {
    const template = templateWith();
    expect(functionIn(template, "spine-progress")).toBeUndefined();
    expect(variablesOf(template, "spine-ingress")).not.toHaveProperty("LIVE_OUTPUT");
    expect(variablesOf(template, "spine-stream")).not.toHaveProperty("LIVE_TABLE");
  });

  test("has a table of its own, which forgets and has no stream", () => {
    const tables = all(templateWith(LIVE), "AWS::DynamoDB::Table");
    const [live] = tables.filter(({ KeySchema }) => JSON.stringify(KeySchema).includes('"task"'));
    expect(live).toMatchObject({ TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } });
    expect(live).not.toHaveProperty("StreamSpecification");
  });

  test("has a function that may write there, check tokens, and nothing else", () => {
    const rights = rightsOf(templateWith(LIVE))["spine-progress"] ?? [];
    expect(
      rights.map((right) => right.split(" ")[0]).filter((action) => !action?.startsWith("logs:")),
    ).toEqual(expect.arrayContaining(["dynamodb:PutItem", "secretsmanager:GetSecretValue"]));
    expect(
      rights.filter((right) => !/^(?:logs:|dynamodb:PutItem|secretsmanager:GetSecretValue)/.test(right)),
    ).toEqual([]);
  });

  test("is written by agents that are said to, and read by streams", () => {
    const template = templateWith(LIVE);
    expect(variablesOf(template, "spine-ingress")).toHaveProperty("LIVE_OUTPUT", "on");
    expect(variablesOf(template, "spine-stream")).toHaveProperty("LIVE_TABLE");
    const agents = Object.entries(rightsOf(template)).filter(([name]) => name.startsWith("spine-agent-"));
    expect(agents.length).toBeGreaterThan(0);
    for (const [, rights] of agents) expect(rights.join()).not.toContain("spine-progress");
  });
});
