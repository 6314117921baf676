import { Validations, type App } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import {
  ACCEPTED_FINDINGS,
  acknowledgeFindings,
  findingsIn,
} from "../../infra/constructs/accepted-findings.ts";
import { CustomerCareStack } from "../../infra/stacks/customer-care-stack.ts";
import type { Deployment } from "../../infra/settings/deployment.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp } from "./fixture.ts";

const packs = () => [new AwsSolutionsChecks(), new ServerlessChecks()];

const OWN = "arn:aws:iam::111122223333:role/shop";
/** All that can be switched on, made with the stacks. */
const EVERYTHING: Deployment = {
  prefix: "spine",
  account: "111122223333",
  region: "eu-west-1",
  mirror: true,
  scorers: true,
  questions: { webhook: true, link: "https://care.example.com/{session}/{ask}", withQuestion: true },
  retention: { "*": "P30D" },
  personal: { "*": ["input.text"] },
  quotas: { "*": { perSecond: 5 } },
  tenants: { [OWN]: "shop", "444455556666": "crm", "777788889999/com.example.shop": "press" },
  producers: [{ source: "com.example.shop", roles: [OWN] }],
  bedrockModel: "eu.amazon.nova-lite-v1:0",
  concurrency: { inputs: 20 },
  doorConcurrency: 10,
  callbacks: {},
  deletionProtection: true,
  alarmEmails: ["on-call@example.invalid"],
  tracing: "xray",
};
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/** And what is there already. */
const GIVEN: Deployment = {
  ...EVERYTHING,
  alarmEmails: undefined,
  alarmTopicArn: "arn:aws:sns:eu-west-1:111122223333:on-call",
  tracing: "otel",
  personalKeyArn: KEY,
  encryptionKeyArn: KEY,
  existingTable: {
    tableName: "restored",
    streamArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-11-28T00:00:00.000",
  },
};

const APPS: readonly (readonly [string, readonly Deployment[]])[] = [
  ["as it is", [{ prefix: "spine" }]],
  ["with all that can be switched on", [EVERYTHING]],
  ["with keys and a table that are there already", [GIVEN]],
  ["with a customer's key for tables that are made", [{ prefix: "spine", encryptionKeyArn: KEY }]],
  ["for trying things out", [{ prefix: "spine", mirror: true, removeWithStack: true }]],
  ["of two spines", [{ prefix: "spine" }, { prefix: "trial" }]],
];

function appOf(deployments: readonly Deployment[]): App {
  const app = newApp();
  for (const deployment of deployments) addStacks(app, deployment);
  return app;
}

/** What is neither right nor accepted. */
function left(app: App) {
  acknowledgeFindings(app, packs());
  return findingsIn(app, packs());
}

describe("cdk-nag", () => {
  test.each(APPS)("finds nothing in the app %s except what is accepted with a reason", (_how, all) => {
    expect(left(appOf(all))).toEqual([]);
  });

  test("still finds everything that is accepted, each with a reason", () => {
    const notFound = APPS.map(([, all]) => new Set(acknowledgeFindings(appOf(all), packs())));
    expect(ACCEPTED_FINDINGS.filter((entry) => notFound.every((some) => some.has(entry)))).toEqual([]);
    for (const { reason } of ACCEPTED_FINDINGS) expect(reason).toMatch(/^[A-Za-z].{20,}\.$/);
  });

  test.each<readonly [string, string, (stack: CustomerCareStack) => void]>([
    ["a bucket that takes plain HTTP", "AwsSolutions-S10", (stack) => new s3.Bucket(stack, "Plain")],
    [
      "a queue that is not encrypted",
      "AwsSolutions-SQS2",
      (stack) => new sqs.Queue(stack, "Open", { encryption: sqs.QueueEncryption.UNENCRYPTED }),
    ],
    [
      "a right to everything",
      "AwsSolutions-IAM5[Action::s3:*]",
      ({ spine }) =>
        spine
          .agent("inquiry")
          .function.addToRolePolicy(new iam.PolicyStatement({ actions: ["s3:*"], resources: ["*"] })),
    ],
    [
      "a right to any key, where one by its tag is accepted",
      "AwsSolutions-IAM5[Resource::*]",
      ({ spine }) =>
        spine.door.handler.function.addToRolePolicy(
          new iam.PolicyStatement({ actions: ["kms:Decrypt"], resources: ["*"] }),
        ),
    ],
    [
      "a right to everything beside one that knows no resource",
      "AwsSolutions-IAM5[Resource::*]",
      ({ spine }) =>
        spine.relay.handler.function.addToRolePolicy(
          new iam.PolicyStatement({ actions: ["dynamodb:ListTables"], resources: ["*"] }),
        ),
    ],
    [
      "queues that take plain HTTP",
      "AwsSolutions-SQS4",
      (stack) => {
        for (const { node } of stack.node.findAll())
          if (/\/Inputs\/Queue\/Policy$/.test(node.path)) node.scope?.node.tryRemoveChild("Policy");
      },
    ],
  ])("finds %s", (_what, rule, change) => {
    const app = appOf([{ prefix: "spine" }]);
    for (const stack of app.node.children) if (stack instanceof CustomerCareStack) change(stack);
    expect(left(app).map(({ finding }) => finding)).toContain(rule);
  });

  test("stops a synthesis through Validations, and passes it with the accepted findings", () => {
    const synthesized = (accept: boolean) => {
      const app = appOf([{ prefix: "spine" }]);
      if (accept) acknowledgeFindings(app, packs());
      Validations.of(app).addPlugins(...packs());
      app.synth();
    };
    expect(() => synthesized(false)).toThrow(/AwsSolutions-S1/);
    expect(() => synthesized(true)).not.toThrow();
  });
});
