import { RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ScoreAttribute } from "#aws/names.ts";
import { grantTableKey, tableEncryption } from "./table-encryption.ts";

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

export interface ScoresTableProps {
  /** As the log's. @default DynamoDB's own key */
  readonly encryptionKey?: kms.IKey | undefined;
}

/**
 * Scores of replies: an item each, which expires. Losing them costs no session anything, so the table goes with its stack and has no
 * backup.
 */
export class ScoresTable extends Construct {
  readonly table: dynamodb.Table;
  private readonly encryptionKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, { encryptionKey }: ScoresTableProps = {}) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new dynamodb.Table(this, "Table", {
      partitionKey: text(ScoreAttribute.partition),
      sortKey: text(ScoreAttribute.sort),
      timeToLiveAttribute: ScoreAttribute.expires,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      ...tableEncryption(encryptionKey),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Put scores, and read none. */
  grantPut(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:PutItem"]);
  }

  /** Read scores of any tenant. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "read", ["dynamodb:Query"]);
  }

  /** Remove the scores of a session. */
  grantErase(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:Query", "dynamodb:BatchWriteItem"]);
  }

  private grant(grantee: iam.IGrantable, access: "read" | "write", actions: string[]): iam.Grant {
    grantTableKey(this.encryptionKey, grantee, access);
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.table.tableArn] });
  }
}
