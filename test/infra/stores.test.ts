import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { CustomerCareStack } from "../../infra/stacks/customer-care-stack.ts";
import { newApp, templateOf, type TemplateJson } from "./fixture.ts";
import { mutants } from "./mutants.ts";
import { agentRights } from "./promises.ts";
import { rightsOf } from "./rights.ts";

// What the sample agents keep is theirs and not the spine's; another id would replace it.
const CALENDAR = "AgentsCalendar17AE49C7";
const DOCUMENTS = "AgentsDocumentsA5429AD3";
const POLICY = "AgentsDocumentsPolicy3BC4B903";

const template = (() => {
  const app = newApp();
  new CustomerCareStack(app, "EventSpine");
  return templateOf(app, "EventSpine");
})();

const bucketArn = { "Fn::GetAtt": [DOCUMENTS, "Arn"] };
const allDocuments = { "Fn::Join": ["", [bucketArn, "/*"]] };
const RETAINED = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };
const STORES = {
  [CALENDAR]: {
    Type: "AWS::DynamoDB::Table",
    ...RETAINED,
    Properties: {
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      DeletionProtectionEnabled: false,
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  },
  [DOCUMENTS]: {
    Type: "AWS::S3::Bucket",
    ...RETAINED,
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  },
  [POLICY]: {
    Type: "AWS::S3::BucketPolicy",
    Properties: {
      Bucket: { Ref: DOCUMENTS },
      PolicyDocument: {
        Statement: [
          {
            Action: "s3:*",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
            Effect: "Deny",
            Principal: { AWS: "*" },
            Resource: [bucketArn, allDocuments],
          },
        ],
        Version: "2012-10-17",
      },
    },
  },
};

const check = ({ Resources }: TemplateJson): void => {
  // What a mutant took away stands there as undefined.
  const found = Object.keys(STORES).map((id) => [id, JSON.parse(JSON.stringify(Resources[id])) as unknown]);
  assert.deepEqual(Object.fromEntries(found), STORES);
};

/** The resources that a function's role may use by these actions. */
function granted(id: string, action: string): unknown {
  const policy = template.Resources[id]?.Properties?.["PolicyDocument"] as {
    readonly Statement: readonly { readonly Action: unknown; readonly Resource: unknown }[];
  };
  return policy.Statement.find(({ Action }) => JSON.stringify(Action).includes(action))?.Resource;
}

const policyOf = (agent: string): string =>
  Object.keys(template.Resources).find((id) => id.startsWith(`SpineAgent${agent}HostRoleDefaultPolicy`)) ??
  "";

test("the sample agents' calendar and documents are encrypted, private and retained", () => check(template));

test("a test fails when any one of their properties is removed", () => {
  let tried = 0;
  for (const { lost, template: mutant } of mutants(template, (id) => id in STORES)) {
    tried += 1;
    expect(() => check(mutant), lost).toThrow();
  }
  expect(tried).toBeGreaterThan(30);
});

test("scheduling may read and write the calendar, documents its bucket's objects, and neither anything else", () => {
  const rights = rightsOf(template);
  expect(rights["spine-agent-scheduling"]).toEqual(
    [...agentRights("scheduling"), "dynamodb:GetItem table.Arn", "dynamodb:PutItem table.Arn"].toSorted(),
  );
  expect(rights["spine-agent-documents"]).toEqual(
    [...agentRights("documents"), "s3:GetObject bucket.Arn/*", "s3:PutObject bucket.Arn/*"].toSorted(),
  );
  // Their own, and not the log's table or the spine's bucket.
  expect(granted(policyOf("scheduling"), "dynamodb:")).toEqual({ "Fn::GetAtt": [CALENDAR, "Arn"] });
  expect(granted(policyOf("documents"), "s3:")).toEqual(allDocuments);
});

test("each of the two gets its store's name, and no other agent does", () => {
  const variables = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::Lambda::Function"
      ? [Properties?.["Environment"] as { readonly Variables?: Readonly<Record<string, unknown>> }]
      : [],
  );
  const told = (name: string) => variables.flatMap(({ Variables }) => Variables?.[name] ?? []);
  expect(told("CALENDAR_TABLE")).toEqual([{ Ref: CALENDAR }]);
  expect(told("DOCUMENTS_BUCKET")).toEqual([{ Ref: DOCUMENTS }]);
});
