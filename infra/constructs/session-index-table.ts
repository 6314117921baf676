import { RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { IndexAttribute, SessionIndexName } from "#aws/names.ts";
import { grantTableKey, tableEncryption } from "./table-encryption.ts";

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

export interface SessionIndexTableProps {
  /** As the log's. @default DynamoDB's own key */
  readonly encryptionKey?: kms.IKey | undefined;
}

/**
 * The list of sessions: an item a session, with an index by state, one by flow and one by problem. It holds nothing that the log
 * does not tell, and is rebuilt from it, so it goes with its stack and has no backup.
 */
export class SessionIndexTable extends Construct {
  readonly table: dynamodb.Table;
  private readonly encryptionKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, { encryptionKey }: SessionIndexTableProps = {}) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new dynamodb.Table(this, "Table", {
      partitionKey: text(IndexAttribute.partition),
      sortKey: text(IndexAttribute.sort),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      ...tableEncryption(encryptionKey),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { byState, byFlow, byProblem } = IndexAttribute;
    const lists = {
      [SessionIndexName.state]: byState,
      [SessionIndexName.flow]: byFlow,
      [SessionIndexName.problem]: byProblem,
    };
    for (const [indexName, attribute] of Object.entries(lists))
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(attribute),
        sortKey: text(IndexAttribute.order),
        projectionType: dynamodb.ProjectionType.INCLUDE,
        nonKeyAttributes: [IndexAttribute.row],
      });
  }

  /** Write rows, going on from those that stand there. */
  grantKeep(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:GetItem", "dynamodb:PutItem"], this.table.tableArn);
  }

  /** List rows of any tenant, by its indexes alone. */
  grantList(grantee: iam.IGrantable): iam.Grant {
    const indexes = Object.values(SessionIndexName).map((name) => `${this.table.tableArn}/index/${name}`);
    return this.grant(grantee, "read", ["dynamodb:Query"], ...indexes);
  }

  /** Remove the rows of a session, and put in their stead that it has ended. */
  grantForget(grantee: iam.IGrantable): iam.Grant {
    const actions = ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"];
    return this.grant(grantee, "write", actions, this.table.tableArn);
  }

  private grant(
    grantee: iam.IGrantable,
    access: "read" | "write",
    actions: string[],
    ...resourceArns: string[]
  ): iam.Grant {
    grantTableKey(this.encryptionKey, grantee, access);
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}
