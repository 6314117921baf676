import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { readDeployments } from "../../infra/settings/deployment.ts";
import type { Tracing } from "../../infra/settings/tracing-options.ts";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";
import { rightsOf } from "./rights.ts";

const templateWith = (tracing?: Tracing): TemplateJson => {
  const { stack } = newSpine(tracing === undefined ? {} : { tracing });
  return templateOf(stack.node.root as App, "Test");
};

interface FunctionProperties {
  readonly TracingConfig?: unknown;
  readonly Layers?: unknown;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

const functionsOf = (template: TemplateJson): readonly FunctionProperties[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .map(({ Properties }) => readable(template, Properties) as FunctionProperties);
const xrayRights = (template: TemplateJson) =>
  Object.values(rightsOf(template)).map((rights) => rights.filter((right) => right.startsWith("xray:")));

describe("how functions are traced", () => {
  test("is off by default: no variable, no layer, no right", () => {
    for (const template of [templateWith(), templateWith("off")]) {
      for (const { TracingConfig, Layers, Environment } of functionsOf(template)) {
        expect([TracingConfig, Layers]).toEqual([undefined, undefined]);
        expect(Object.keys(Environment.Variables).filter((name) => name.startsWith("OTEL"))).toEqual([]);
      }
      expect(xrayRights(template).flat()).toEqual([]);
    }
  });

  test("xray is Lambda's active tracing, with each role's right to send segments and nothing more", () => {
    const template = templateWith("xray");
    const found = functionsOf(template);
    expect(found.length).toBeGreaterThan(5);
    for (const { TracingConfig, Environment } of found) {
      expect(TracingConfig).toEqual({ Mode: "Active" });
      expect(Environment.Variables).not.toHaveProperty("OTEL_RATIO");
    }
    for (const rights of xrayRights(template))
      expect(rights).toEqual(["xray:PutTelemetryRecords *", "xray:PutTraceSegments *"]);
  });

  test("otel sets a variable of every function, including agents', and needs no right", () => {
    const template = templateWith("otel");
    for (const { TracingConfig, Environment } of functionsOf(template)) {
      expect(TracingConfig).toBeUndefined();
      expect(Environment.Variables["OTEL_RATIO"]).toBe("1");
      expect(Environment.Variables).not.toHaveProperty("OTEL_EXPORTER_OTLP_ENDPOINT");
    }
    expect(xrayRights(template).flat()).toEqual([]);
  });

  test("otel may use a custom collector, a sampling ratio, or its own layer", () => {
    const collectorLayerArn = "arn:aws:lambda:eu-west-1:123456789012:layer:collector:1";
    const template = templateWith({ endpoint: "https://otel.example.com", ratio: 0.1, collectorLayerArn });
    for (const { Layers, Environment } of functionsOf(template)) {
      expect(Environment.Variables).toMatchObject({
        OTEL_RATIO: "0.1",
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example.com",
      });
      expect(Layers).toEqual([collectorLayerArn]);
    }
  });

  test.each([0, -1, 1.5, NaN])("a ratio of %d is rejected", (ratio) => {
    expect(() => templateWith({ ratio })).toThrow(/Give a number above 0, up to 1/);
  });

  test.each(["", "nowhere", "localhost:4318", "ftp://otel.example.com"])(
    "an endpoint of %j is rejected",
    (endpoint) => {
      expect(() => templateWith({ endpoint })).toThrow(/Give one such as https:/);
    },
  );

  test("is a field of a deployment, with clear errors", () => {
    const read = (tracing: unknown) => readDeployments([{ prefix: "spine", tracing }])[0]?.tracing;
    for (const tracing of ["off", "xray", "otel", { ratio: 0.5 }]) expect(read(tracing)).toEqual(tracing);
    for (const tracing of ["yes", 1, { rate: 1 }, { endpoint: 4318 }, { ratio: "all" }])
      expect(() => read(tracing)).toThrow(/\[0\]\.tracing.*: .* Write "off", "xray", "otel", or \{ endpoint/);
    expect(() => read({ ratio: 2 })).toThrow(/\[0\]\.tracing: .*Give a number above 0, up to 1/);
    expect(() => read({ endpoint: "nowhere" })).toThrow(/\[0\]\.tracing: .*Give one such as https:/);
    expect(() => read({ collectorLayerArn: "layer" })).toThrow(
      /\[0\]\.tracing\.collectorLayerArn: is not an ARN of lambda/,
    );
  });
});
