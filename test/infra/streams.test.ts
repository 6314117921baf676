import { Stack, type App } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import { streamBounds } from "../../infra/settings/stream-bounds.ts";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

// The root of a construct tree is its app.
const templateWith = (props: Parameters<typeof newSpine>[0] = {}): TemplateJson =>
  templateOf(newSpine(props).stack.node.root as App, "Test");

const streamIn = (template: TemplateJson) =>
  all(template, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === "spine-stream");

describe("streams of events", () => {
  test("have a function whose URL hands on what it writes, with an output of its own", () => {
    const template = templateWith();
    const [url] = all(template, "AWS::Lambda::Url").filter(({ InvokeMode }) => InvokeMode !== undefined);
    expect(url).toMatchObject({ AuthType: "AWS_IAM", InvokeMode: "RESPONSE_STREAM" });
    expect(String(url?.["TargetFunctionArn"])).toMatch(/spine-stream$/);
    expect(Object.keys(template.Outputs ?? {}).some((id) => id.includes("StreamUrl"))).toBe(true);
  });

  test("may read sessions, and write nothing but their permits", () => {
    const rights = rightsOf(templateWith())["spine-stream"] ?? [];
    const changing = rights.filter(
      (right) => !/^(?:logs:|kms:Decrypt|s3:(?:GetObject|ListBucket)|dynamodb:(?:GetItem|Query))/.test(right),
    );
    expect(changing).toEqual([expect.stringMatching(/^dynamodb:UpdateItem .*\["#stream\/\*"\]/)]);
  });

  test("have environments reserved if requested, which bound them", () => {
    expect(streamIn(templateWith())).not.toHaveProperty("ReservedConcurrentExecutions");
    const reserved = streamIn(templateWith({ streams: { reservedConcurrency: 30 } }));
    expect(reserved).toMatchObject({
      ReservedConcurrentExecutions: 30,
      Environment: { Variables: { STREAMS: "30/30" } },
    });
  });

  test("are bounded per tenant, and the bounds are checked", () => {
    expect(streamBounds()).toEqual({ total: 100, perTenant: 25 });
    expect(streamBounds({ reservedConcurrency: 40 })).toEqual({ total: 40, perTenant: 10 });
    expect(streamBounds({ total: 10, perTenant: 4 })).toEqual({ total: 10, perTenant: 4 });
    expect(() => streamBounds({ total: 5, perTenant: 6 })).toThrow(/streams\.perTenant is 6/);
    expect(() => streamBounds({ reservedConcurrency: 0 })).toThrow(/streams\.reservedConcurrency is 0/);
    expect(() => streamBounds({ total: 5, reservedConcurrency: 4 })).toThrow(
      /at most the 4 that are reserved/,
    );
  });

  test("can be left out, with their function, URL and output", () => {
    const { stack, spine } = newSpine({ streams: false });
    const template = templateOf(stack.node.root as App, "Test");
    expect(streamIn(template)).toBeUndefined();
    expect(JSON.stringify(template)).not.toContain("RESPONSE_STREAM");
    expect(Object.keys(template.Outputs ?? {}).some((id) => id.includes("StreamUrl"))).toBe(false);
    const role = new iam.Role(stack, "Reader", { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => spine.grantFollow(role)).toThrow(/has no streams/);
  });

  test("are reached by whoever is granted to follow them", () => {
    const { stack, spine } = newSpine();
    const role = new iam.Role(Stack.of(spine), "Reader", { assumedBy: new iam.AccountRootPrincipal() });
    spine.grantFollow(role);
    const policies = JSON.stringify(all(templateOf(stack.node.root as App, "Test"), "AWS::IAM::Policy"));
    for (const action of ["InvokeFunctionUrl", "GetFunctionUrlConfig"])
      expect(policies).toContain(`lambda:${action}`);
  });
});
