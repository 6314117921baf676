import assert from "node:assert/strict";
import type { TemplateJson } from "./fixture.ts";
import { only } from "./resources.ts";

type PromiseCheck = (template: TemplateJson) => void;

const RETAINED = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" } as const;
export const TLS_ONLY = {
  Condition: { Bool: { "aws:SecureTransport": "false" } },
  Effect: "Deny",
  Principal: { AWS: "*" },
} as const;

const table: PromiseCheck = (template) => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = only(template, "AWS::DynamoDB::Table");
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
  "the bucket is encrypted, private, reached over TLS only, versioned and retained": bucket,
  "the token secret is generated and retained": secret,
};
