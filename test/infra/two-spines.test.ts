import type { App } from "aws-cdk-lib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPrefix } from "../../infra/settings/aws-limits.ts";
import type { Deployment } from "../../infra/settings/deployment.ts";
import { addStacks, stackNames } from "../../infra/stacks/spine-app.ts";
import { newApp, templatesOf, type TemplateJson } from "./fixture.ts";

const templatesWith = (...prefixes: readonly string[]): Readonly<Record<string, TemplateJson>> => {
  const app: App = newApp();
  const all: Partial<Deployment> = {
    mirror: true,
    questions: { webhook: true },
    personal: { "*": ["input.email"] },
    retention: { "*": "P90D" },
  };
  for (const prefix of prefixes) addStacks(app, { ...all, prefix });
  return templatesOf(app);
};

/** A metric is somebody else's, and a role's own policy is named within the role. */
const NO_NAME = ["MetricName", "PolicyName"];

/** What must be unique in an account: names of stacks and exports, and names of resources where the template gives them. */
function namesIn(templates: Readonly<Record<string, TemplateJson>>): readonly string[] {
  return Object.entries(templates).flatMap(([stack, { Resources, Outputs = {} }]) => [
    `stack ${stack}`,
    ...Object.values(Outputs).flatMap((output) => {
      const { Export } = output as { readonly Export?: unknown };
      return Export === undefined ? [] : [`export ${JSON.stringify(Export)}`];
    }),
    ...Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
      Object.entries(Properties).flatMap(([field, value]) =>
        /Name$/.test(field) && !NO_NAME.includes(field) && typeof value === "string"
          ? [`${Type} ${value}`]
          : [],
      ),
    ),
  ]);
}

describe("two spines of one account and Region", () => {
  // Prefixes of which one begins as the other's resources do are the ones that could meet.
  test.each([
    ["spine", "shop"],
    ["spine", "spine-in"],
    ["spine", "spine-relay"],
    ["spine", "spine-customer-care"],
    ["spine", "spine-inbox"],
  ])("%s and %s have no name in common", (one, other) => {
    const [mine, theirs] = [namesIn(templatesWith(one)), namesIn(templatesWith(other))];
    expect(mine.length).toBeGreaterThan(40);
    expect(mine.filter((name) => theirs.includes(name))).toEqual([]);
  });

  test("differ only in the prefix", () => {
    const renamed = JSON.stringify(templatesWith("aaaaa"))
      .replaceAll("aaaaa", "bbbbb")
      .replaceAll(/[0-9a-f]{64}/g, "")
      .replaceAll(/[0-9A-F]{8}/g, "");
    const other = JSON.stringify(templatesWith("bbbbb"))
      .replaceAll(/[0-9a-f]{64}/g, "")
      .replaceAll(/[0-9A-F]{8}/g, "");
    expect(renamed).toBe(other);
  });

  test("fit in one app, and each agent's stack waits for its own spine", () => {
    const app = newApp();
    for (const prefix of ["spine", "shop"]) addStacks(app, { prefix });
    const assembly = app.synth();
    for (const prefix of ["spine", "shop"]) {
      const { customerCare, recommendation } = stackNames(prefix);
      const waitsFor = assembly.getStackByName(recommendation).dependencies.map(({ id }) => id);
      expect(waitsFor).toContain(customerCare);
      expect(waitsFor.filter((id) => id.endsWith("customer-care"))).toEqual([customerCare]);
    }
  });

  test("have stacks with different names, whatever their prefixes are", () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/).filter((one) => one !== "agent" && one !== "sub");
    const kinds = fc.constantFrom("customer-care", "recommendation");
    const prefix = fc
      .array(fc.oneof(part, kinds), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("-"));
    fc.assert(
      fc.property(prefix, prefix, (one, other) => {
        fc.pre(one !== other);
        const mine = Object.values(stackNames(checkPrefix(one)));
        const theirs = Object.values(stackNames(checkPrefix(other)));
        expect(mine.filter((name) => theirs.includes(name))).toEqual([]);
      }),
    );
  });
});
