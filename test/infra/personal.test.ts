import assert from "node:assert/strict";
import { Stack, type App } from "aws-cdk-lib";
import * as kms from "aws-cdk-lib/aws-kms";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { newApp, newSpine, SPINE, templateOf, type Resource, type TemplateJson } from "./fixture.ts";
import { mutants, passes } from "./mutants.ts";
import { all } from "./resources.ts";
import { readable } from "./intrinsics.ts";
import { rightsOf } from "./rights.ts";

const PATHS = { "*": ["input.email"], acme: ["input.text", "session.who"] };
// The root of a construct tree is its app.
const template = templateOf(newSpine({ personal: PATHS }).stack.node.root as App, "Test");
const without = templateOf(newSpine().stack.node.root as App, "Test");
const SEAL = ["kms:Decrypt key.Arn", "kms:GenerateDataKey key.Arn"];
/** The right of every spine, with or without personal values. */
const FORMER = 'kms:Decrypt key/* if {"StringEquals":{"aws:ResourceTag/event-spine":"spine"}}';
const KEEP = 'dynamodb:PutItem table.Arn if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["*/*#key"]}}';
/** What keys the deduplication ids of the inbox. */
const TOKENS = "secretsmanager:GetSecretValue secret";
/** What each function may do beside what it may anyway. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  "spine-ingress": SEAL,
  "spine-door": SEAL,
  "spine-coordinator": SEAL,
  "spine-relay": ["kms:Decrypt key.Arn"],
  "spine-recovery": [...SEAL, KEEP],
  "spine-operator": ["kms:Decrypt key.Arn"],
  "spine-stream": ["kms:Decrypt key.Arn"],
  "spine-intake": [TOKENS],
};
/** It seals nothing. */
const WITHOUT_KEY = "spine-intake";

/** The key, beside others that a spine may have. */
function personalKey({ Resources }: TemplateJson): readonly [id: string, key: Resource] {
  const [found, ...more] = Object.entries(Resources).filter(
    ([id, { Type }]) => Type === "AWS::KMS::Key" && id.startsWith("SpinePersonal"),
  );
  assert.ok(found !== undefined && more.length === 0);
  return found;
}

const PROMISES: Readonly<Record<string, (given: TemplateJson) => void>> = {
  "only who decides, dispatches or keeps letters may use the key; no agent may": (given) => {
    for (const [name, rights] of Object.entries(rightsOf(given)))
      assert.deepEqual(rights, [...(rightsOf(without)[name] ?? []), ...(MORE[name] ?? [])].toSorted(), name);
  },
  "they know the paths and the key, and no other function does": (given) => {
    for (const { FunctionName, Environment } of all(given, "AWS::Lambda::Function")) {
      const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
      const isOne = String(FunctionName) in MORE;
      assert.equal(Variables["PERSONAL"], isOne ? JSON.stringify(PATHS) : undefined);
      const hasKey = isOne && FunctionName !== WITHOUT_KEY;
      assert.equal(Variables["PERSONAL_KEY_ARN"], hasKey ? "key.Arn" : undefined);
    }
  },
  "the key is rotated, retained, and left to IAM": (given) => {
    const [id, { DeletionPolicy, UpdateReplacePolicy }] = personalKey(given);
    const Properties = readable(given, given.Resources[id]?.Properties);
    assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["RetainExceptOnCreate", "Retain"]);
    assert.deepEqual(Properties, {
      Tags: [{ Key: "event-spine", Value: "spine" }],
      Description: "Event Spine: wraps the data keys of sessions with personal values",
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: [
          {
            Action: "kms:*",
            Effect: "Allow",
            Principal: { AWS: "arn:partition:iam::accountid:root" },
            Resource: "*",
          },
        ],
        Version: "2012-10-17",
      },
    });
  },
};

describe("a spine whose tenants have personal values", () => {
  for (const [promise, check] of Object.entries(PROMISES)) test(promise, () => check(template));

  test("breaks a promise when any one property of the key is removed", () => {
    const unnoticed = [...mutants(template, (id) => !(id in without.Resources))]
      .filter(({ template: mutant }) => Object.values(PROMISES).every((check) => passes(() => check(mutant))))
      .map(({ lost }) => lost);
    expect(unnoticed).toEqual([]);
  });

  test("has one additional resource, whose logical id is kept: another id would create another key", () => {
    const added = Object.keys(template.Resources).filter((id) => !(id in without.Resources));
    expect(added).toEqual(["SpinePersonalKey04CFC1C6"]);
  });

  test("uses an existing key, and creates none", () => {
    const arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
    const app = newApp();
    const other = new Stack(app, "Other");
    new EventSpine(other, "Spine", {
      ...SPINE,
      personal: PATHS,
      personalKey: kms.Key.fromKeyArn(other, "Given", arn),
    });
    const given = templateOf(app, "Other");
    expect(() => personalKey(given)).toThrow();
    const sealing = rightsOf(given)["spine-door"]?.filter((right) => right.startsWith("kms:"));
    expect(sealing).toEqual([FORMER, `kms:Decrypt ${arn}`, `kms:GenerateDataKey ${arn}`].toSorted());
    // Without any path it is there too.
    expect(rightsOf(without)["spine-door"]).toContain(FORMER);
  });

  test("rejects an invalid path, and adds nothing when none is declared", () => {
    for (const path of ["", "input..email", "input.*", "1st", "input.e mail"])
      expect(() => newSpine({ personal: { acme: [path] } })).toThrow(
        /personal\.acme has ".*", which is no path of the context/,
      );
    for (const personal of [{}, { "*": [] }])
      expect(newSpine({ personal }).spine.personalKey).toBeUndefined();
  });
});
