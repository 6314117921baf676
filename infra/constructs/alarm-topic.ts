import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { alarmTopicName } from "#aws/names.ts";

/** CloudWatch as a service, and only for alarms of this account. */
const CLOUDWATCH = "cloudwatch.amazonaws.com";

export interface AlarmTopicProps {
  readonly prefix: string;
  /** E-mail addresses that receive alarms, once each has confirmed. @default none until you subscribe */
  readonly emails?: readonly string[] | undefined;
}

/**
 * The default topic of alarms: encrypted, accessible over TLS only, found by its name from agents' own stacks. CloudWatch
 * cannot use AWS's own key, so the topic has one.
 */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic;
  readonly key: kms.Key;

  constructor(scope: Construct, id: string, { prefix, emails = [] }: AlarmTopicProps) {
    super(scope, id);
    const { account, partition, region } = Stack.of(this);
    const principals = [new iam.ServicePrincipal(CLOUDWATCH)];
    this.key = new kms.Key(this, "Key", {
      description: "Event Spine: encrypts alarm notifications in transit",
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      // It guards nothing that lasts.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Without a condition, as AWS documents it: one that CloudWatch does not meet would silence every alarm.
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals,
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
      }),
    );
    this.topic = new sns.Topic(this, "Topic", {
      topicName: alarmTopicName(prefix),
      displayName: `Event Spine: alarms of ${prefix}`,
      masterKey: this.key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "Alarms",
        principals,
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: {
          ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:${prefix}-*` },
        },
      }),
    );
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
  }
}
