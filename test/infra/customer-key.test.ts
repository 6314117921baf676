import { Stack, type App } from "aws-cdk-lib";
import * as kms from "aws-cdk-lib/aws-kms";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import type { Deployment } from "../../infra/settings/deployment.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { CustomerCareStack } from "../../infra/stacks/customer-care-stack.ts";
import { newApp, SPINE, templateOf, templatesOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

describe("a customer's key for the tables", () => {
  const templateWith = (mirror: boolean): TemplateJson => {
    const app = newApp();
    new CustomerCareStack(app, "Care", {
      mirror,
      spine: (scope) => ({ encryptionKey: kms.Key.fromKeyArn(scope, "Key", KEY) }),
    });
    return templateOf(app, "Care");
  };
  const template = templateWith(true);
  const VIA = ' if {"StringEquals":{"kms:ViaService":"dynamodb.region.urlsuffix"}}';

  test("encrypts every one of them; without it they use DynamoDB's own key, whose calls are free", () => {
    const encryption = (given: TemplateJson) =>
      all(given, "AWS::DynamoDB::Table").map((table) => table["SSESpecification"]);
    const own = { KMSMasterKeyId: KEY, SSEEnabled: true, SSEType: "KMS" };
    expect(encryption(template)).toEqual([own, own, own, own]);
    const plain = newApp();
    new CustomerCareStack(plain, "Care", { mirror: true });
    expect(encryption(templateOf(plain, "Care"))).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("may be used through DynamoDB by the users of a table, and by no one else", () => {
    const usesIn = (given: TemplateJson, name: string) =>
      rightsOf(given)[name]?.filter(
        (right) => right.startsWith("kms:") && right.includes(KEY) && right.includes("dynamodb."),
      );
    const uses = (name: string) => usesIn(template, name);
    const read = ["Decrypt", "DescribeKey"].map((action) => `kms:${action} ${KEY}${VIA}`);
    const write = [
      "Encrypt",
      "GenerateDataKey",
      "GenerateDataKeyWithoutPlaintext",
      "ReEncryptFrom",
      "ReEncryptTo",
    ].map((action) => `kms:${action} ${KEY}${VIA}`);
    const both = [...read, ...write].toSorted();
    for (const name of ["spine-ingress", "spine-door", "spine-coordinator", "spine-agent-scheduling"])
      expect([name, uses(name)]).toEqual([name, both]);
    // It writes how far subscribers have got, and the list of sessions.
    expect(uses("spine-relay")).toEqual(both);
    expect(usesIn(templateWith(false), "spine-relay")).toEqual(both);
    for (const agent of ["inquiry", "documents", "reply"]) expect(uses(`spine-agent-${agent}`)).toEqual([]);
  });
});

describe("a customer's key for all that a deployment keeps", () => {
  const DEPLOYMENT: Deployment = {
    prefix: "spine",
    region: "eu-west-1",
    account: "111122223333",
    mirror: true,
    scorers: true,
    questions: { webhook: true },
    retention: { "*": "P30D" },
    personal: { "*": ["input.email"] },
  };
  const templatesWith = (deployment: Deployment): readonly TemplateJson[] => {
    const app = newApp();
    addStacks(app, deployment);
    return Object.values(templatesOf(app));
  };
  const given = templatesWith({ ...DEPLOYMENT, encryptionKeyArn: KEY });
  const without = templatesWith(DEPLOYMENT);
  const of = (templates: readonly TemplateJson[], type: string) =>
    templates.flatMap((template) => all(template, type));

  test("encrypts every queue, bucket, log and secret, including those of agents' own stacks and of subscribers", () => {
    const queues = of(given, "AWS::SQS::Queue");
    expect(queues.length).toBeGreaterThan(20);
    for (const queue of queues) {
      expect(queue).toMatchObject({ KmsMasterKeyId: KEY });
      expect(queue).not.toHaveProperty("SqsManagedSseEnabled");
    }
    const buckets = of(given, "AWS::S3::Bucket").map((bucket) => bucket["BucketEncryption"]);
    const byKey = {
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: KEY },
    };
    expect(buckets).toEqual([1, 2].map(() => ({ ServerSideEncryptionConfiguration: [byKey] })));
    for (const type of ["AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"]) {
      const found = of(given, type);
      expect(found.length).toBeGreaterThan(0);
      expect(found.map(({ KmsKeyId }) => KmsKeyId)).toEqual(found.map(() => KEY));
    }
  });

  test("leaves AWS's own keys in place when none is given", () => {
    expect(JSON.stringify(without)).not.toContain(KEY);
    for (const queue of of(without, "AWS::SQS::Queue"))
      expect(queue).toMatchObject({ SqsManagedSseEnabled: true });
  });

  test("may be used by a role through a service as far as the role may use the encrypted resource", () => {
    const taken: Readonly<Record<string, readonly [service: string, actions: readonly string[]]>> = {
      "sqs:ReceiveMessage": ["sqs", ["Decrypt"]],
      "sqs:SendMessage": ["sqs", ["Decrypt", "GenerateDataKey"]],
      "s3:GetObject": ["s3", ["Decrypt"]],
      "s3:PutObject": ["s3", ["Decrypt", "GenerateDataKey"]],
      "secretsmanager:GetSecretValue": ["secretsmanager", ["Decrypt"]],
    };
    for (const rights of given.flatMap((template) => Object.entries(rightsOf(template)))) {
      const [name, lines] = rights;
      const uses = lines.filter((line) => line.includes(KEY) && !line.includes("dynamodb."));
      const expected = Object.entries(taken).flatMap(([right, [service, actions]]) =>
        lines.some((line) => line.startsWith(`${right} `))
          ? actions.map(
              (action) =>
                `kms:${action} ${KEY} if {"StringEquals":{"kms:ViaService":"${service}.eu-west-1.urlsuffix"}}`,
            )
          : [],
      );
      expect([name, uses]).toEqual([name, [...new Set(expected)].toSorted()]);
    }
  });

  test("admits logs and rules when its policy is written here, for this account only", () => {
    const stack = new Stack(newApp(), "Test", { env: { account: "111122223333", region: "eu-west-1" } });
    new EventSpine(stack, "Spine", { ...SPINE, encryptionKey: new kms.Key(stack, "Own") });
    const template = templateOf(stack.node.root as App, "Test"); // the root of a construct tree is its app
    const policies = all(template, "AWS::KMS::Key").map((key) => JSON.stringify(key["KeyPolicy"]));
    const own = policies.find((policy) => policy.includes("logs.eu-west-1.amazonaws.com")) ?? "";
    expect(own).toContain('"Service":"events.amazonaws.com"');
    expect(own).toContain('"aws:SourceAccount":"111122223333"');
    expect(own).toContain(":logs:eu-west-1:111122223333:log-group:*");
  });
});
