import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { CustomerKey } from "../constructs/customer-key.ts";
import { RETAINED, type SessionLogTableProps } from "../constructs/session-log-table.ts";
import { grantTableKey, tableEncryption } from "../constructs/table-encryption.ts";

/** As the log's table has them. */
export type AgentsStoresProps = Omit<SessionLogTableProps, "existingTable">;

/** The sample agents' data outside the spine: the business's calendar, and the sent documents. */
export class AgentsStores extends Construct {
  readonly calendar: dynamodb.Table;
  readonly documents: s3.Bucket;
  private readonly encryptionKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: AgentsStoresProps = {}) {
    super(scope, id);
    const { removalPolicy = RETAINED, deletionProtection = false, encryptionKey } = props;
    this.encryptionKey = encryptionKey;
    CustomerKey.encrypt(this, encryptionKey);
    this.calendar = new dynamodb.Table(this, "Calendar", {
      partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...tableEncryption(encryptionKey),
      removalPolicy,
      deletionProtection,
    });
    this.documents = new s3.Bucket(this, "Documents", {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
    });
  }

  /** Read and change the calendar, which is one item. */
  grantCalendar(grantee: iam.IGrantable): iam.Grant {
    const actions = ["dynamodb:GetItem", "dynamodb:PutItem"];
    grantTableKey(this.encryptionKey, grantee, "write");
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.calendar.tableArn] });
  }

  /** Write documents, and compare with one that is there already. */
  grantDocuments(grantee: iam.IGrantable): iam.Grant {
    const actions = ["s3:GetObject", "s3:PutObject"];
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [`${this.documents.bucketArn}/*`],
    });
  }
}
