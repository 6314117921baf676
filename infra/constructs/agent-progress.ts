import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix } from "#aws/names.ts";
import { coreFunction, type Foundation } from "./foundation.ts";
import type { SpineFunction } from "./spine-function.ts";
import { grantTableKey, tableEncryption } from "./table-encryption.ts";

/** It verifies a token and writes an item. */
const TIMEOUT = Duration.seconds(5);
const MEMORY_MB = 256;

export interface AgentProgressProps {
  readonly foundation: Foundation;
  /** As the log's. @default DynamoDB's own key */
  readonly encryptionKey?: kms.IKey | undefined;
}

/**
 * What agents say while they work: a function that they invoke with their tasks' tokens, and a table of its own, which forgets. Neither can reach the
 * log; what is lost here, the agents' answers say.
 */
export class AgentProgress extends Construct {
  readonly handler: SpineFunction;
  readonly table: dynamodb.Table;
  private readonly encryptionKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, { foundation, encryptionKey }: AgentProgressProps) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new dynamodb.Table(this, "Table", {
      partitionKey: { name: "session", type: dynamodb.AttributeType.STRING },
      sortKey: { name: "task", type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      ...tableEncryption(encryptionKey),
      timeToLiveAttribute: "expires",
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.progress,
      description: "takes what agents say while they work",
      timeout: TIMEOUT,
      memorySize: MEMORY_MB,
      environment: {
        [Env.liveTable]: this.table.tableName,
        [Env.tokenSecret]: foundation.tokens.secret.secretArn,
      },
    });
    foundation.tokens.grantIssue(this.handler);
    this.grant(this.handler, "write", "dynamodb:PutItem");
  }

  /** Read what agents say, of all tenants. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "read", "dynamodb:Query");
  }

  private grant(grantee: iam.IGrantable, access: "read" | "write", action: string): iam.Grant {
    grantTableKey(this.encryptionKey, grantee, access);
    return iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [this.table.tableArn] });
  }
}
