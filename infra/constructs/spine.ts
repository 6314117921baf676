import { Aws, Stack } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as events from "aws-cdk-lib/aws-events";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sns from "aws-cdk-lib/aws-sns";
import { Construct, type IConstruct } from "constructs";
import { Env } from "#aws/config.ts";
import {
  alarmTopicName,
  deadLetterName,
  FunctionSuffix,
  functionName,
  QueueSuffix,
  queueName,
  spineInName,
  spineOutName,
} from "#aws/names.ts";
import { checkPrefix } from "../settings/aws-limits.ts";

/** A spine as its agents and neighbours see it: everything follows from the prefix, in the same account and Region. */
export interface ISpine extends IConstruct {
  readonly prefix: string;
  /** The function that processes dead letters. */
  readonly recoveryName: string;
  /** The bus on which every commit is published. */
  readonly spineOut: events.IEventBus;
  /** The actions of its alarms, and of its agents' alarms by default. */
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];

  /** Where tasks that agents passed on are answered without a signature; agents of other stacks are not told it. */
  readonly callbackUrl?: string | undefined;

  /** Put inputs on spine-in, as far as the bus's policy allows the source. */
  grantPublish(grantee: iam.IGrantable): iam.Grant;
  /** Call the URL, signed with the caller's identity; the spine's `rights` list what the caller may do there. */
  grantSend(grantee: iam.IGrantable): iam.Grant;
  /** An agent's rights beside its queue: the door, and answers.fifo when the door cannot be reached. */
  grantAnswer(grantee: iam.IGrantable): iam.Grant;
  /** Answer tasks that agents passed on: whoever works on one invokes the door with the task's token. */
  grantAnswerTask(grantee: iam.IGrantable): iam.Grant;
  /** Adds an ordered subscription's name to the relay. False if that is impossible from here. */
  announceSubscription(name: string): boolean;
}

/** Names and grants of a spine, for its own stack and for others. */
export class SpineNames {
  readonly prefix: string;
  private readonly stack: Stack;

  constructor(scope: Construct, prefix: string) {
    this.prefix = checkPrefix(prefix);
    this.stack = Stack.of(scope);
  }

  queueArn(suffix: string): string {
    return this.arn("sqs", queueName(this.prefix, suffix));
  }

  deadLetterArn(suffix: string): string {
    return this.arn("sqs", deadLetterName(queueName(this.prefix, suffix)));
  }

  functionArn(suffix: FunctionSuffix): string {
    return this.namedFunctionArn(functionName(this.prefix, suffix));
  }

  namedFunctionArn(name: string): string {
    return this.arn("lambda", name, "function");
  }

  busArn(direction: "in" | "out"): string {
    const name = direction === "in" ? spineInName(this.prefix) : spineOutName(this.prefix);
    return this.arn("events", name, "event-bus");
  }

  /** All alarms of the account and Region: CloudWatch asks for this right of who names none of them. */
  get allAlarmsArn(): string {
    return this.arn("cloudwatch", "*", "alarm");
  }

  get alarmTopicArn(): string {
    return this.arn("sns", alarmTopicName(this.prefix));
  }

  /** The start of all queue URLs of the spine. */
  get queueUrlPrefix(): string {
    return `https://sqs.${Aws.REGION}.${Aws.URL_SUFFIX}/${Aws.ACCOUNT_ID}/${this.prefix}-`;
  }

  /** The variables by which an agent's function finds the spine. */
  agentEnvironment(agent: string): Record<string, string> {
    return {
      [Env.queuePrefix]: this.queueUrlPrefix,
      [Env.door]: functionName(this.prefix, FunctionSuffix.door),
      [Env.agent]: agent,
    };
  }

  /** The variable by which an agent finds where it says what it does. */
  get progressEnvironment(): Record<string, string> {
    return { [Env.progress]: functionName(this.prefix, FunctionSuffix.progress) };
  }

  grant(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }

  grantPublish(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["events:PutEvents"], [this.busArn("in")]);
  }

  grantSend(grantee: iam.IGrantable): iam.Grant {
    return this.grantUrl(grantee, FunctionSuffix.ingress);
  }

  /** Reach the URL of a function whose address is found by the function's name. */
  grantOperate(grantee: iam.IGrantable, suffix: FunctionSuffix): iam.Grant {
    const named = [this.functionArn(suffix)];
    return this.grantUrl(grantee, suffix).combine(
      this.grant(grantee, ["lambda:GetFunctionUrlConfig"], named),
    );
  }

  /** A call of a function URL needs both rights; the second counts only when it comes from the first. */
  private grantUrl(grantee: iam.IGrantable, suffix: FunctionSuffix): iam.Grant {
    const named = [this.functionArn(suffix)];
    return this.grant(grantee, ["lambda:InvokeFunctionUrl"], named).combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: ["lambda:InvokeFunction"],
        resourceArns: named,
        conditions: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
      }),
    );
  }

  grantAnswerTask(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["lambda:InvokeFunction"], [this.functionArn(FunctionSuffix.door)]);
  }

  grantAnswer(grantee: iam.IGrantable): iam.Grant {
    return this.grantAnswerTask(grantee).combine(
      this.grant(grantee, ["sqs:SendMessage"], [this.queueArn(QueueSuffix.answers)]),
    );
  }

  /** Say what an agent does while it works. */
  grantProgress(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["lambda:InvokeFunction"], [this.functionArn(FunctionSuffix.progress)]);
  }

  private arn(service: string, name: string, resource?: string): string {
    const place = resource === undefined ? name : `${resource}${service === "events" ? "/" : ":"}${name}`;
    return `arn:${this.stack.partition}:${service}:${this.stack.region}:${this.stack.account}:${place}`;
  }
}

/** A spine that another stack or repository deploys; made by `EventSpine.fromName`. */
export class NamedSpine extends Construct implements ISpine {
  readonly prefix: string;
  readonly recoveryName: string;
  readonly spineOut: events.IEventBus;
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];
  private readonly names: SpineNames;

  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    this.prefix = prefix;
    this.names = new SpineNames(this, prefix);
    this.recoveryName = functionName(prefix, FunctionSuffix.recovery);
    this.spineOut = events.EventBus.fromEventBusName(this, "SpineOut", spineOutName(prefix));
    const topic = sns.Topic.fromTopicArn(this, "Alarms", this.names.alarmTopicArn);
    this.alarmActions = [new actions.SnsAction(topic)];
  }

  grantPublish(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantPublish(grantee);
  }

  grantSend(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantSend(grantee);
  }

  grantAnswer(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantAnswer(grantee);
  }

  grantAnswerTask(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantAnswerTask(grantee);
  }

  announceSubscription(): boolean {
    return false;
  }
}

/** The spine as a stack sees it: its own by its parts, another stack's by name, so that stacks share no exports. */
export function seenFrom(scope: Construct, spine: ISpine): ISpine {
  if (Stack.of(scope) === Stack.of(spine)) return spine;
  Stack.of(scope).addStackDependency(Stack.of(spine), "the spine comes before its neighbours");
  return new NamedSpine(scope, "Spine", spine.prefix);
}
