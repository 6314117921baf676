import { CfnOutput, Duration, RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { fileURLToPath } from "node:url";
import { Env } from "#aws/config.ts";
import { CustomerKey } from "../constructs/customer-key.ts";
import type { EventSpine } from "../constructs/event-spine.ts";
import { OrderedSubscription } from "../constructs/ordered-subscription.ts";
import { SpineFunction } from "../constructs/spine-function.ts";
import { grantTableKey, tableEncryption } from "../constructs/table-encryption.ts";

const TIMEOUT = Duration.seconds(30);

/** A sample subscriber: the state of every session in a separate table, rebuilt from an ordered subscription. */
export class SessionMirror extends Construct {
  readonly subscription: OrderedSubscription;
  readonly states: dynamodb.Table;
  readonly handler: SpineFunction;

  constructor(scope: Construct, id: string, spine: EventSpine, encryptionKey?: kms.IKey) {
    super(scope, id);
    CustomerKey.encrypt(this, encryptionKey);
    this.states = new dynamodb.Table(this, "States", {
      partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      ...tableEncryption(encryptionKey),
      // The log can build it again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.subscription = new OrderedSubscription(this, "Subscription", {
      spine,
      name: "mirror",
      timeout: TIMEOUT,
    });
    this.handler = new SpineFunction(this, "Handler", {
      functionName: `${spine.prefix}-mirror`,
      description: "Event Spine: mirrors the state of every session",
      entry: fileURLToPath(new URL("../../functions/subscribers/mirror/handler.ts", import.meta.url)),
      timeout: TIMEOUT,
      environment: {
        [Env.table]: spine.log.table.tableName,
        [Env.bucket]: spine.blobs.bucket.bucketName,
        MIRROR_TABLE: this.states.tableName,
      },
    });
    this.subscription.addConsumer(this.handler.function);
    spine.log.grantReadSession(this.handler);
    grantTableKey(encryptionKey, this.handler, "write");
    iam.Grant.addToPrincipal({
      grantee: this.handler,
      actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
      resourceArns: [this.states.tableArn],
    });
    new CfnOutput(this, "TableName", { value: this.states.tableName });
  }
}
