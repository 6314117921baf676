import { RemovalPolicy, type App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import type { EventSpineProps } from "../../infra/constructs/event-spine-props.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp, newSpine, templateOf, templatesOf, type Resource, type TemplateJson } from "./fixture.ts";
import { all, only, resourcesOf } from "./resources.ts";
import { rightsOf } from "./rights.ts";

const templateWith = (props: Partial<EventSpineProps>): TemplateJson =>
  // The root of a construct tree is its app.
  templateOf(newSpine(props).stack.node.root as App, "Test");

/** Types that hold data. */
const HOLDING = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"];
/** What the log can tell again, so that nothing is lost with it. */
const isRebuilt = (id: string): boolean => /SessionsTable[0-9A-F]{8}$/.test(id);
/** Every resource that holds data, or stays for another reason. */
const holding = (template: TemplateJson): readonly (readonly [id: string, resource: Resource])[] =>
  Object.entries(template.Resources).filter(
    ([id, { Type, DeletionPolicy }]) =>
      (HOLDING.includes(Type) && !isRebuilt(id)) || /^Retain/.test(DeletionPolicy ?? ""),
  );

describe("a deployment whose first creation fails", () => {
  const app = newApp();
  addStacks(app, { prefix: "spine", personal: { "*": ["input.email"] }, retention: { "*": "P90D" } });
  const templates = Object.values(templatesOf(app));

  test("leaves nothing behind: retained resources are removed, and nothing is protected", () => {
    const found = templates.flatMap(holding);
    expect(found.map(([, { Type }]) => Type).toSorted()).toEqual([
      "AWS::DynamoDB::Table",
      "AWS::DynamoDB::Table",
      "AWS::KMS::Key",
      "AWS::S3::Bucket",
      "AWS::S3::Bucket",
      "AWS::SecretsManager::Secret",
    ]);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy, Properties }] of found) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, "RetainExceptOnCreate", "Retain"]);
      expect(Properties?.["DeletionProtectionEnabled"] ?? false).toBe(false);
    }
  });
});

describe("a stable deployment", () => {
  test("protects its tables once configured to", () => {
    const app = newApp();
    addStacks(app, { prefix: "spine", deletionProtection: true });
    const protection = all(templateOf(app, "spine-customer-care"), "AWS::DynamoDB::Table").map(
      (table) => table["DeletionProtectionEnabled"],
    );
    // Of the list of sessions nothing is lost.
    expect(protection.toSorted()).toEqual([true, true, undefined]);
  });

  test("is removed with all its data when it is for experiments; its bucket has no versions that would remain", () => {
    const app = newApp();
    addStacks(app, { prefix: "spine", removeWithStack: true, personal: { "*": ["input.email"] } });
    const template = templateOf(app, "spine-customer-care");
    for (const [id, { DeletionPolicy, UpdateReplacePolicy, Properties }] of holding(template)) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, "Delete", "Delete"]);
      expect(Properties?.["VersioningConfiguration"]).toBeUndefined();
    }
    expect(holding(template)).toHaveLength(5);
    for (const { DeletionPolicy } of resourcesOf(template, "AWS::KMS::Key"))
      expect(DeletionPolicy).toBe("Delete");
    const spine = templateWith({ removalPolicy: RemovalPolicy.DESTROY });
    expect(only(spine, "AWS::S3::Bucket").Properties?.["VersioningConfiguration"]).toBeUndefined();
  });
});

describe("a spine on an existing table", () => {
  const STREAM = "arn:partition:dynamodb:region:accountid:table/restored/stream/2026-11-28T00:00:00.000";
  const template = templateWith({ existingTable: { tableName: "restored", streamArn: STREAM } });

  test("creates no table but the list of sessions, and no stack can remove the existing one", () => {
    const tables = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === "AWS::DynamoDB::Table",
    );
    expect(tables.filter(([id]) => !isRebuilt(id))).toEqual([]);
  });

  test("reads its stream, and has the same rights to it as to its own", () => {
    const stream = all(template, "AWS::Lambda::EventSourceMapping").filter(
      ({ EventSourceArn }) => EventSourceArn === STREAM,
    );
    expect(stream).toMatchObject([{ FunctionName: "spine-relay", StartingPosition: "TRIM_HORIZON" }]);
    const own = rightsOf(templateWith({}));
    for (const [name, rights] of Object.entries(rightsOf(template))) {
      const renamed = rights.map((right) =>
        right
          .replace("table/restored/stream/2026-11-28T00:00:00.000", "table.StreamArn")
          .replace("table/restored", "table.Arn"),
      );
      expect([name, renamed.toSorted()]).toEqual([name, own[name]]);
    }
  });

  test("gets its name", () => {
    const told = all(template, "AWS::Lambda::Function").flatMap(({ Environment }) => {
      const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
      return Variables["TABLE_NAME"] ?? [];
    });
    expect(told).toEqual(Array.from({ length: 7 }, () => "restored"));
  });

  test("rejects a stream of another table", () => {
    expect(() => newSpine({ existingTable: { tableName: "other", streamArn: STREAM } })).toThrow(
      /does not belong to the table other\. Give the LatestStreamArn/,
    );
  });
});
