import { RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { KEY_PARTITION_END, QUOTA_PARTITION, RETENTION_PARTITION, TableAttribute } from "#aws/names.ts";

export interface StoreProps {
  /** What becomes of the data when the stack is removed. @default it is retained */
  readonly removalPolicy?: RemovalPolicy;
}

/** The log of every session: one item a commit, its stream feeds the relay. Only retention has the right to delete an item. */
export class SessionLogTable extends Construct {
  readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string, { removalPolicy = RemovalPolicy.RETAIN }: StoreProps = {}) {
    super(scope, id);
    this.table = new dynamodb.Table(this, "Table", {
      partitionKey: { name: TableAttribute.partition, type: dynamodb.AttributeType.STRING },
      sortKey: { name: TableAttribute.sort, type: dynamodb.AttributeType.NUMBER },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      // Only tombstones and counters, of agents' health and of tenants' quotas, carry the attribute: no commit is ever deleted by age.
      timeToLiveAttribute: TableAttribute.expires,
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    });
  }

  /** Read sessions: their commits and markers, and the health of agents. */
  grantReadSession(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["dynamodb:GetItem", "dynamodb:Query"], [this.table.tableArn]);
  }

  /** Read the whole log, whosever it is: to relay commits again. */
  grantScan(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["dynamodb:Scan"], [this.table.tableArn]);
  }

  /** Append commits, write markers and count agents' outcomes, beside reading. */
  grantAppend(grantee: iam.IGrantable): iam.Grant {
    const actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ];
    return this.grantReadSession(grantee).combine(this.grant(grantee, actions, [this.table.tableArn]));
  }

  /** Note when sessions are to be looked at for their retention, and nothing else: no note can be taken for a commit. */
  grantNoteRetention(grantee: iam.IGrantable): iam.Grant {
    return this.grantPutIn(grantee, `${RETENTION_PARTITION}*`);
  }

  /** Keep wrapped data keys of sessions, and nothing else: no key can be taken for a commit. */
  grantKeepKeys(grantee: iam.IGrantable): iam.Grant {
    return this.grantPutIn(grantee, `*${KEY_PARTITION_END}`);
  }

  /** Count what tenants send, and nothing else. */
  grantCountQuotas(grantee: iam.IGrantable): iam.Grant {
    return this.grantIn(grantee, ["dynamodb:GetItem", "dynamodb:UpdateItem"], `${QUOTA_PARTITION}*`);
  }

  private grantPutIn(grantee: iam.IGrantable, partitions: string): iam.Grant {
    return this.grantIn(grantee, ["dynamodb:PutItem"], partitions);
  }

  private grantIn(grantee: iam.IGrantable, actions: string[], partitions: string): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [this.table.tableArn],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [partitions] } },
    });
  }

  /** End sessions by their retention: put tombstones, delete what they stand for. */
  grantExpire(grantee: iam.IGrantable): iam.Grant {
    const actions = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem"];
    return this.grantReadSession(grantee).combine(this.grant(grantee, actions, [this.table.tableArn]));
  }

  /** Follow the stream. Listing streams is the one right that DynamoDB gives for all of them or none. */
  grantReadStream(grantee: iam.IGrantable): iam.Grant {
    const actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
    return this.grant(grantee, actions, [this.streamArn]).combine(
      this.grant(grantee, ["dynamodb:ListStreams"], ["*"]),
    );
  }

  get streamArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined)
      throw new Error("The log's table has no stream, which the relay follows.");
    return tableStreamArn;
  }

  private grant(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}
