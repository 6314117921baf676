import type { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { readDeployments } from "../../infra/settings/deployment.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp, newSpine, templateOf, templatesOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

/** What each function is told of a tenant's tasks in flight. */
const boundsIn = (template: TemplateJson): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    all(template, "AWS::Lambda::Function").flatMap(({ FunctionName, Environment }) => {
      const { Variables = {} } = (Environment ?? {}) as {
        readonly Variables?: Readonly<Record<string, unknown>>;
      };
      const name = "TENANT_IN_FLIGHT";
      return name in Variables ? [[String(FunctionName), Variables[name]] as const] : [];
    }),
  );

test("every function that sends tasks is told how many of a tenant may be in flight", () => {
  const app: App = newApp();
  addStacks(app, { prefix: "spine", tenantInFlight: 12 });
  const bounds = boundsIn(templatesOf(app)["spine-customer-care"] ?? { Resources: {} });
  expect(bounds).toMatchObject({
    "spine-ingress": "12",
    "spine-door": "12",
    "spine-coordinator": "12",
    // It sends them once more, to the same groups.
    "spine-relay": "12",
  });
});

test("without a bound none is set, and one that bounds nothing or stops everything is rejected", () => {
  // The root of a construct tree is its app.
  expect(boundsIn(templateOf(newSpine().stack.node.root as App, "Test"))).toEqual({});
  for (const tenantInFlight of [0, -1, 1.5, 1_001, NaN]) {
    const problem = `tenantInFlight is ${tenantInFlight}. Give a whole number from 1 to 1000, or leave it out for no bound.`;
    expect(() => newSpine({ tenantInFlight })).toThrow(problem);
    if (!Number.isNaN(tenantInFlight))
      expect(() => readDeployments([{ prefix: "spine", tenantInFlight }])).toThrow(
        `[0].tenantInFlight: ${problem}`,
      );
  }
});
