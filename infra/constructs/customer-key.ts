import { Aspects, Stack, type IAspect } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type { IConstruct } from "constructs";

/** How long SQS uses a data key before it asks KMS for another one, in seconds. */
const REUSED_SECONDS = 300;

const READ = ["kms:Decrypt"];
const WRITE = ["kms:Decrypt", "kms:GenerateDataKey"];

/** The rights to use the key of an encrypted resource, and the service that uses the key. */
const TAKEN: Readonly<Record<string, { readonly service: string; readonly actions: readonly string[] }>> = {
  "sqs:ReceiveMessage": { service: "sqs", actions: READ },
  "sqs:SendMessage": { service: "sqs", actions: WRITE },
  "s3:GetObject": { service: "s3", actions: READ },
  "s3:PutObject": { service: "s3", actions: WRITE },
  "secretsmanager:GetSecretValue": { service: "secretsmanager", actions: READ },
};

/**
 * A customer's key for all queues, buckets, logs and secrets of a construct; tables get it where they are created. Each role
 * may use it through the services whose resources it may use, and through no other. A key of another stack or account keeps its
 * own policy: add the statements of docs/deploy.md there.
 *
 * @example
 * CustomerKey.encrypt(this, kms.Key.fromKeyArn(this, "Key", "arn:aws:kms:eu-west-1:111122223333:key/k1"));
 */
export class CustomerKey implements IAspect {
  private readonly key: kms.IKey;

  private constructor(key: kms.IKey) {
    this.key = key;
  }

  /** Encrypts everything below the scope, including constructs that are added later. */
  static encrypt(scope: IConstruct, key: kms.IKey | undefined): void {
    if (key === undefined) return;
    Aspects.of(scope).add(new CustomerKey(key));
    const { account, region } = Stack.of(scope);
    key.addToResourcePolicy(
      usedBy(["events.amazonaws.com"], WRITE, { StringEquals: { "aws:SourceAccount": account } }),
    );
    key.addToResourcePolicy(
      usedBy(
        [`logs.${region}.amazonaws.com`],
        ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:${Stack.of(scope).partition}:logs:${region}:${account}:log-group:*`,
          },
        },
      ),
    );
  }

  visit(node: IConstruct): void {
    const { keyArn } = this.key;
    if (node instanceof sqs.CfnQueue) {
      node.sqsManagedSseEnabled = undefined;
      node.kmsMasterKeyId = keyArn;
      node.kmsDataKeyReusePeriodSeconds = REUSED_SECONDS;
    }
    if (node instanceof s3.CfnBucket) {
      const serverSideEncryptionByDefault = { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn };
      node.bucketEncryption = {
        serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault, bucketKeyEnabled: true }],
      };
    }
    if (node instanceof logs.CfnLogGroup || node instanceof secrets.CfnSecret) node.kmsKeyId = keyArn;
    if (node instanceof iam.Policy) node.addStatements(...this.usesIn(node));
  }

  /** What somebody outside takes of the key beside a right that was granted, such as `s3:GetObject`. */
  static grant(key: kms.IKey | undefined, grantee: iam.IGrantable, right: string): void {
    const taken = TAKEN[right];
    if (key === undefined || taken === undefined) return;
    const { region, urlSuffix } = Stack.of(key);
    iam.Grant.addToPrincipal({
      grantee,
      actions: [...taken.actions],
      resourceArns: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `${taken.service}.${region}.${urlSuffix}` } },
    });
  }

  private usesIn(policy: iam.Policy): readonly iam.PolicyStatement[] {
    const { region, urlSuffix } = Stack.of(policy);
    const given = actionsIn(Stack.of(policy).resolve(policy.document.toJSON()) as PolicyJson); // IAM's form
    const byService = new Map<string, Set<string>>();
    for (const { service, actions } of given.flatMap((action) => TAKEN[action] ?? [])) {
      const known = byService.get(service) ?? new Set<string>();
      byService.set(service, new Set([...known, ...actions]));
    }
    return [...byService].map(
      ([service, actions]) =>
        new iam.PolicyStatement({
          actions: [...actions].toSorted(),
          resources: [this.key.keyArn],
          conditions: { StringEquals: { "kms:ViaService": `${service}.${region}.${urlSuffix}` } },
        }),
    );
  }
}

interface PolicyJson {
  readonly Statement: readonly { readonly Effect: string; readonly Action: string | readonly string[] }[];
}

const actionsIn = ({ Statement }: PolicyJson): readonly string[] =>
  Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action);

const usedBy = (
  services: readonly string[],
  actions: readonly string[],
  conditions: Record<string, Record<string, string>>,
) =>
  new iam.PolicyStatement({
    principals: services.map((service) => new iam.ServicePrincipal(service)),
    actions: [...actions],
    resources: ["*"],
    conditions,
  });
