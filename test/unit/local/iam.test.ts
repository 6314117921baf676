import { describe, expect, it } from "vitest";
import { evaluate, type Principal } from "#local/iam/evaluate.ts";
import type { RequestContext } from "#local/iam/policy-condition.ts";
import { parsePolicy } from "#local/iam/iam-policy.ts";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:spine-inbox.fifo";
const ROLE = "arn:aws:iam::000000000000:role/relay";

const document = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });
const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect: "Deny",
  Action,
  Resource,
  ...more,
});

function allowed(
  statements: readonly object[],
  request: { readonly action?: string; readonly resource?: string; readonly context?: RequestContext } = {},
  resourceStatements?: readonly object[],
  principal?: Principal,
): boolean {
  const policies = [parsePolicy(document(...statements), "policy", "identity")];
  return evaluate({
    principal: principal ?? { type: "identity", arn: ROLE, policies },
    action: request.action ?? "sqs:SendMessage",
    resource: request.resource ?? QUEUE,
    context: request.context ?? {},
    resourcePolicy: resourceStatements && parsePolicy(document(...resourceStatements), "bus", "resource"),
  }).allowed;
}

describe("identity policies", () => {
  it.each([
    ["the action and resource named", [allow("sqs:SendMessage", QUEUE)], true],
    ["nothing", [], false],
    ["another action", [allow("sqs:ReceiveMessage", QUEUE)], false],
    ["another resource", [allow("sqs:SendMessage", QUEUE.replace("inbox", "answers"))], false],
    ["one of several actions", [allow(["sqs:ReceiveMessage", "sqs:SendMessage"], QUEUE)], true],
    ["an action of other case", [allow("SQS:sendmessage", QUEUE)], true],
    ["all actions of a service", [allow("sqs:*", QUEUE)], true],
    ["all actions that begin so", [allow("sqs:Send*", "*")], true],
    ["actions of one character less", [allow("sqs:SendMessag?", "*")], true],
    [
      "resources by a wildcard",
      [allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:spine-*.fifo")],
      true,
    ],
    [
      "resources by a wildcard that does not fit",
      [allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:spine-*-dead.fifo")],
      false,
    ],
    [
      "a wildcard that would have to cross a part of the ARN",
      [allow("sqs:SendMessage", "arn:aws:sqs:*:spine-inbox.fifo")],
      false,
    ],
    ["a denial beside a permission", [allow("*", "*"), deny("sqs:SendMessage", QUEUE)], false],
    ["a denial of something else", [allow("*", "*"), deny("sqs:DeleteMessage", QUEUE)], true],
    ["a statement that is no list", [allow("sqs:SendMessage", QUEUE)], true],
  ])("decide on %s", (_what, statements, expected) => {
    expect(allowed(statements)).toBe(expected);
  });

  const source = { "events:source": "shop" };
  it.each([
    ["StringEquals that holds", { StringEquals: { "events:source": ["bank", "shop"] } }, source, true],
    ["StringEquals that fails", { StringEquals: { "events:source": "bank" } }, source, false],
    ["StringEquals of an absent key", { StringEquals: { "events:source": "shop" } }, {}, false],
    ["StringNotEquals of an absent key", { StringNotEquals: { "events:source": "shop" } }, {}, true],
    ["StringNotEquals that fails", { StringNotEquals: { "events:source": ["bank", "shop"] } }, source, false],
    [
      "StringEqualsIfExists of an absent key",
      { StringEqualsIfExists: { "events:source": "shop" } },
      {},
      true,
    ],
    ["StringLike that holds", { StringLike: { "events:source": "sh*" } }, source, true],
    [
      "ArnEquals with a wildcard",
      { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::*:role/rel*" } },
      { "aws:PrincipalArn": ROLE },
      true,
    ],
    [
      "ArnNotEquals that fails",
      { ArnNotEquals: { "aws:PrincipalArn": ROLE } },
      { "aws:PrincipalArn": ROLE },
      false,
    ],
    ["Bool that holds", { Bool: { "aws:SecureTransport": true } }, { "aws:SecureTransport": "true" }, true],
    [
      "Bool that fails",
      { Bool: { "aws:SecureTransport": "false" } },
      { "aws:SecureTransport": "true" },
      false,
    ],
    ["Null of an absent key", { Null: { "events:source": "true" } }, {}, true],
    [
      "two tests of which one fails",
      { StringEquals: { "events:source": "shop" }, Bool: { "aws:SecureTransport": "true" } },
      source,
      false,
    ],
  ] as const)("test %s", (_what, Condition, context, expected) => {
    expect(allowed([allow("sqs:SendMessage", QUEUE, { Condition })], { context })).toBe(expected);
  });
});

describe("resource policies", () => {
  const BUS = "arn:aws:events:us-east-1:000000000000:event-bus/spine-out";
  const put = { action: "events:PutEvents", resource: BUS };
  const oneWriter = deny("events:PutEvents", BUS, {
    Principal: { AWS: "*" },
    Condition: { ArnNotEquals: { "aws:PrincipalArn": ROLE } },
  });
  const mine = [allow("events:PutEvents", BUS)];

  it("deny everybody except the named principal, whatever their own policies allow", () => {
    const as = (arn: string) => ({ ...put, context: { "aws:PrincipalArn": arn } });
    expect(allowed(mine, as(ROLE), [oneWriter])).toBe(true);
    expect(allowed(mine, as("arn:aws:iam::000000000000:role/door"), [oneWriter])).toBe(false);
  });

  it.each([
    ["the role by its ARN", { AWS: ROLE }, true],
    ["another role", { AWS: "arn:aws:iam::000000000000:role/door" }, false],
    ["its account", { AWS: "000000000000" }, true],
    ["its account's root", { AWS: "arn:aws:iam::000000000000:root" }, true],
    ["another account", { AWS: "arn:aws:iam::111111111111:root" }, false],
    ["everybody", "*", true],
    ["a service", { Service: "events.amazonaws.com" }, false],
  ])("are sufficient within the account: %s", (_what, Principal, expected) => {
    expect(allowed([], put, [allow("events:PutEvents", BUS, { Principal })])).toBe(expected);
  });

  it("let a service in only if they name it, and only from the named source", () => {
    const service: Principal = { type: "service", name: "events.amazonaws.com" };
    const statement = allow("sqs:SendMessage", QUEUE, {
      Principal: { Service: "events.amazonaws.com" },
      Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/in/r" } },
    });
    const from = (rule: string) => ({
      context: { "aws:SourceArn": `arn:aws:events:us-east-1:000000000000:rule/in/${rule}` },
    });
    expect(allowed([], from("r"), [statement], service)).toBe(true);
    expect(allowed([], from("other"), [statement], service)).toBe(false);
    expect(allowed([], from("r"), [], service)).toBe(false);
  });
});

describe("policies outside the subset", () => {
  it.each([
    ["NotAction", document({ Effect: "Allow", NotAction: "sqs:*", Resource: "*" }), /NotAction/],
    ["NotResource", document({ Effect: "Allow", Action: "sqs:*", NotResource: "*" }), /NotResource/],
    ["a principal in an identity policy", document(allow("sqs:*", "*", { Principal: "*" })), /Principal/],
    [
      "an operator that is not known",
      document(allow("sqs:*", "*", { Condition: { NumericLessThan: { "events:source": "1" } } })),
      /NumericLessThan/,
    ],
    [
      "a set operator that is not known",
      document(
        allow("sqs:*", "*", { Condition: { "ForMostValues:StringEquals": { "events:source": "1" } } }),
      ),
      /ForMostValues/,
    ],
    [
      "a condition key that requests do not carry",
      document(allow("sqs:*", "*", { Condition: { StringEquals: { "aws:username": "x" } } })),
      /aws:username/,
    ],
    ["a policy variable", document(allow("sqs:*", "arn:aws:s3:::home/${aws:username}")), /policy variable/],
    ["another version", { Version: "2008-10-17", Statement: [] }, /Version/],
    ["no resource", document({ Effect: "Allow", Action: "sqs:*" }), /lacks/],
    ["another effect", document({ Effect: "Maybe", Action: "*", Resource: "*" }), /Effect/],
  ])("are rejected by name: %s", (_what, policy, message) => {
    expect(() => parsePolicy(policy, "Stack/Role", "identity")).toThrow(message);
    expect(() => parsePolicy(policy, "Stack/Role", "identity")).toThrow(/^Stack\/Role/);
  });
});

describe("a condition on the values of a request", () => {
  const write = (test: object, partitions: readonly string[]) =>
    allowed([allow("dynamodb:BatchWriteItem", "*", { Condition: test })], {
      action: "dynamodb:BatchWriteItem",
      context: { "dynamodb:LeadingKeys": partitions },
    });
  const all = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["#retention/*"] } };
  const any = { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["a", "b"] } };

  it("fails for all of them when one partition of a batch belongs to another tenant", () => {
    expect(write(all, ["#retention/1", "#retention/2"])).toBe(true);
    expect(write(all, ["#retention/1", "default/s-1"])).toBe(false);
  });

  it("holds for any of them when one matches, and fails for an empty list", () => {
    expect([write(any, ["x", "b"]), write(any, ["x", "y"]), write(any, [])]).toEqual([true, false, false]);
  });

  it("is an error when a single-value test gets several values", () => {
    const one = { StringEquals: { "dynamodb:LeadingKeys": "a" } };
    expect(write(one, ["a"])).toBe(true);
    expect(() => write(one, ["a", "b"])).toThrow(/names several/);
  });
});

describe("a condition on a tag of the resource", () => {
  const opening = [
    allow("kms:Decrypt", "*", { Condition: { StringEquals: { "aws:ResourceTag/event-spine": "spine" } } }),
  ];
  const decrypt = (context: RequestContext) => allowed(opening, { action: "kms:Decrypt", context });

  it("restricts a right to resources with a tag", () => {
    expect(decrypt({ "aws:ResourceTag/event-spine": "spine" })).toBe(true);
    expect(decrypt({ "aws:ResourceTag/event-spine": "shop" })).toBe(false);
    expect(decrypt({ "aws:ResourceTag/other": "spine" })).toBe(false);
    expect(decrypt({})).toBe(false);
  });
});

describe("a condition on all values of a key", () => {
  const notes = [
    allow("dynamodb:PutItem", "*", {
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["#retention/*"] } },
    }),
  ];
  const put = (partition?: string) =>
    allowed(notes, {
      action: "dynamodb:PutItem",
      context: partition === undefined ? {} : { "dynamodb:LeadingKeys": partition },
    });

  it("restricts a right to the partitions that a call names", () => {
    expect(put("#retention/7")).toBe(true);
    expect(put("default/s-1")).toBe(false);
    expect(put("#retention")).toBe(false);
  });

  it("holds, as on AWS, when a call names no value", () => {
    expect(put()).toBe(true);
  });
});
