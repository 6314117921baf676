import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import {
  FunctionSuffix,
  functionName,
  questionTopicName,
  QUESTIONS_QUEUE,
  queueName,
  SESSION_ADVANCED,
  SPINE_SOURCE,
} from "#aws/names.ts";
import { ownModule } from "#node/own-files.ts";
import { checkName } from "../settings/aws-limits.ts";
import { ALARM_PERIOD, ring } from "./alarm.ts";
import { functionOptionsOf, SpineFunction, type FunctionOptions } from "./spine-function.ts";
import { SpineQueue, visibilityFor } from "./spine-queue.ts";
import { seenFrom, type ISpine } from "./spine.ts";

/** A webhook has 3 s, a topic three tries of a second, and a batch tells all of its questions at once. */
const TIMEOUT = Duration.seconds(10);
const MEMORY_MB = 256;
/** Webhooks such as Slack's take about one post a second. */
const BATCH_SIZE = 5;
const MAX_CONCURRENCY = 2;
/** How long EventBridge tries to reach the queue. */
const BUS_RETRY = Duration.hours(24);

export interface QuestionNotificationsProps extends FunctionOptions {
  readonly spine: ISpine;
  /** The topic that is told; false for none. @default one is created, PREFIX-questions, with AWS's own key */
  readonly topic?: sns.ITopic | false;
  /** A secret whose text is the https address of a webhook that takes `{"text": …}`, as Slack's do. @default none */
  readonly webhook?: secrets.ISecret;
  /**
   * Where people answer, with `{tenant}`, `{session}` and `{ask}` in it, such as `https://care.example.com/answer/{session}/{ask}`.
   * @default notices name the command only
   */
  readonly link?: string;
  /** Whether the question itself is told: only if the texts of your flows' questions may be read by all who are told. @default false */
  readonly withQuestion?: boolean;
  /** The actions of its alarm. @default those of the spine; for a spine of another stack its topic of alarms */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
}

/**
 * Tells people of each question that a session asks: a rule on spine-out, a queue, and a function that publishes to a topic and posts
 * to a webhook. A notice holds names and times, and no value of the session. At least once; one that was received five times moves to
 * the dead-letter queue, and an alarm rings.
 *
 * @example
 * const questions = new QuestionNotifications(this, "Questions", { spine, link: "https://care.example.com/{session}/{ask}" });
 * questions.topic?.grantPublish(role);
 */
export class QuestionNotifications extends Construct {
  /** Absent if there is none. */
  readonly topic: sns.ITopic | undefined;
  readonly queue: SpineQueue;
  readonly handler: SpineFunction;
  readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: QuestionNotificationsProps) {
    super(scope, id);
    const { link, withQuestion = false, webhook } = props;
    const spine = seenFrom(this, props.spine);
    const { prefix } = spine;
    this.topic = props.topic === false ? undefined : (props.topic ?? this.ownTopic(prefix));
    if (this.topic === undefined && webhook === undefined)
      throw new Error(`${this.node.path} tells nobody. Give it a topic or a webhook.`);
    this.handler = new SpineFunction(this, "Handler", {
      ...functionOptionsOf({ ...props, memorySize: props.memorySize ?? MEMORY_MB }),
      functionName: functionName(prefix, FunctionSuffix.questions),
      description: "Event Spine: tells people of open questions",
      entry: ownModule("functions/questions/handler"),
      timeout: TIMEOUT,
      environment: {
        ...(this.topic !== undefined && { [Env.noticeTopic]: this.topic.topicArn }),
        ...(webhook !== undefined && { [Env.webhookSecret]: webhook.secretArn }),
        ...(link !== undefined && { [Env.noticeLink]: link }),
        ...(withQuestion && { [Env.noticeQuestion]: "on" }),
      },
    });
    this.topic?.grantPublish(this.handler);
    if (webhook !== undefined) grantRead(webhook, this.handler);
    this.queue = new SpineQueue(this, "Asked", {
      queueName: queueName(prefix, QUESTIONS_QUEUE),
      visibilityTimeout: visibilityFor(TIMEOUT),
    });
    this.queue.feed(this.handler.function, TIMEOUT, {
      batchSize: BATCH_SIZE,
      maxConcurrency: MAX_CONCURRENCY,
    });
    new events.Rule(this, "Rule", {
      ruleName: checkName("rule", `${prefix}-${QUESTIONS_QUEUE}`),
      description: "Event Spine: commits that ask a person",
      eventBus: spine.spineOut,
      eventPattern: {
        source: [SPINE_SOURCE],
        detailType: [SESSION_ADVANCED],
        detail: { types: ["HumanAsked"] },
      },
      targets: [
        new targets.SqsQueue(this.queue.queue, {
          deadLetterQueue: this.queue.deadLetters,
          maxEventAge: BUS_RETRY,
        }),
      ],
    });
    const bell = { prefix, alarmActions: props.alarmActions ?? spine.alarmActions };
    this.alarm = ring(this, "questions-letters", bell, {
      description: "people were not told of open questions; no one else reads the dead-letter queue.",
      metric: this.queue.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: ALARM_PERIOD,
      }),
    });
  }

  /** Encrypted by SNS's own key, which costs nothing, and which callers of the account may use without a right of their own. */
  private ownTopic(prefix: string): sns.Topic {
    const topic = new sns.Topic(this, "Topic", {
      topicName: checkName("topic", questionTopicName(prefix)),
      displayName: `Event Spine: open questions of ${prefix}`,
      enforceSSL: true,
    });
    (topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = "alias/aws/sns"; // what a Topic makes
    return topic;
  }
}

/** The value only: a description of the secret is of no use to the function. */
function grantRead(webhook: secrets.ISecret, grantee: iam.IGrantable): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ["secretsmanager:GetSecretValue"],
    resourceArns: [webhook.secretFullArn ?? `${webhook.secretArn}-??????`],
  });
  webhook.encryptionKey?.grantDecrypt(grantee);
}
