import type { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp, newSpine, templateOf, templatesOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

/** What each function is told of the form in which it writes commits. */
const formsIn = (template: TemplateJson): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    all(template, "AWS::Lambda::Function").flatMap(({ FunctionName, Environment }) => {
      const { Variables = {} } = (Environment ?? {}) as {
        readonly Variables?: Readonly<Record<string, unknown>>;
      };
      return "COMMIT_FORM" in Variables ? [[String(FunctionName), Variables["COMMIT_FORM"]] as const] : [];
    }),
  );

test("every function that writes logs gets the form that the deployment names", () => {
  const app: App = newApp();
  addStacks(app, { prefix: "spine", commitForm: 4 });
  const forms = formsIn(templatesOf(app)["spine-customer-care"] ?? { Resources: {} });
  expect(forms).toMatchObject({ "spine-ingress": "4", "spine-door": "4", "spine-coordinator": "4" });
});

test("without a form none is set, and an unknown one is rejected", () => {
  const { stack } = newSpine();
  // The root of a construct tree is its app.
  expect(formsIn(templateOf(stack.node.root as App, "Test"))).toEqual({});
  for (const commitForm of [0, 1.5, 5, NaN])
    expect(() => newSpine({ commitForm })).toThrow(
      /is not a form of commits\. Write a whole number from 1 to 4\./,
    );
});
