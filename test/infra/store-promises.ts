import assert from "node:assert/strict";
import { INDEX_TABLE_KEYS } from "../../scripts/flat/index-table-keys.ts";
import type { Resource, TemplateJson } from "./fixture.ts";
import { only, resourcesOf } from "./resources.ts";

type PromiseCheck = (template: TemplateJson) => void;

const RETAINED = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" } as const;
export const TLS_ONLY = {
  Condition: { Bool: { "aws:SecureTransport": "false" } },
  Effect: "Deny",
  Principal: { AWS: "*" },
} as const;

const table: PromiseCheck = (template) => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = tableWith(template, "N");
  assert.deepEqual({ DeletionPolicy, UpdateReplacePolicy }, RETAINED);
  assert.deepEqual(Properties, {
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "N" },
    ],
    BillingMode: "PAY_PER_REQUEST",
    DeletionProtectionEnabled: false,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    StreamSpecification: { StreamViewType: "NEW_IMAGE" },
    TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
  });
};

/** The log's table is sorted by numbers, and the list of sessions by names. */
function tableWith(template: TemplateJson, type: "N" | "S") {
  const isMeant = ({ Properties = {} }: Resource) =>
    JSON.stringify(Properties["AttributeDefinitions"]).includes('"N"') === (type === "N");
  const [found, ...others] = resourcesOf(template, "AWS::DynamoDB::Table").filter(isMeant);
  assert.ok(found !== undefined && others.length === 0);
  return found;
}

const sessions: PromiseCheck = (template) => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = tableWith(template, "S");
  assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["Delete", "Delete"]);
  assert.deepEqual(Properties, { ...INDEX_TABLE_KEYS, BillingMode: "PAY_PER_REQUEST" });
};

const bucket: PromiseCheck = (template) => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = only(template, "AWS::S3::Bucket");
  assert.deepEqual({ DeletionPolicy, UpdateReplacePolicy }, RETAINED);
  assert.deepEqual(Properties, {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    LifecycleConfiguration: {
      Rules: [
        {
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          ExpiredObjectDeleteMarker: true,
          NoncurrentVersionExpiration: { NoncurrentDays: 35 },
          Status: "Enabled",
        },
        ...Object.entries({ "letters/": 45, "awaiting/": 45, "parked/": 45, "views/": 2 }).map(
          ([Prefix, ExpirationInDays]) => ({
            Prefix,
            ExpirationInDays,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            Status: "Enabled",
          }),
        ),
      ],
    },
    VersioningConfiguration: { Status: "Enabled" },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  assert.deepEqual(only(template, "AWS::S3::BucketPolicy").Properties, {
    Bucket: "bucket",
    PolicyDocument: {
      Statement: [{ ...TLS_ONLY, Action: "s3:*", Resource: ["bucket.Arn", "bucket.Arn/*"] }],
      Version: "2012-10-17",
    },
  });
};

const secret: PromiseCheck = (template) => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = only(template, "AWS::SecretsManager::Secret");
  assert.deepEqual({ DeletionPolicy, UpdateReplacePolicy }, RETAINED);
  assert.deepEqual(Properties, {
    Description: "Event Spine: proves which attempt an agent answers for",
    GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 64 },
  });
};

/** What holds the spine's data. */
export const STORE_PROMISES: Readonly<Record<string, PromiseCheck>> = {
  "the log is paid by request, recoverable, streamed and retained": table,
  "the list of sessions is paid by request, indexed by state, flow and problem, and goes with its stack":
    sessions,
  "the bucket is encrypted, private, reached over TLS only, versioned and retained": bucket,
  "the token secret is generated and retained": secret,
};
