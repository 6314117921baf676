import { Stack, Validations, type IPolicyValidationPlugin } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";

/** A cdk-nag finding against a resource, and the reason to accept it. */
export interface AcceptedFinding {
  /** Whole id, `*` for any text: `AwsSolutions-IAM5[Resource::*]` has the finding in brackets. */
  readonly finding: string;
  /** Path of the construct from its app, `*` for any text. */
  readonly at: string;
  /** Of a policy's finding, then without patterns: what it may allow on all resources. @default anything */
  readonly onAll?: readonly string[];
  readonly reason: string;
}

const tracing =
  "Tracing is a choice of the deployment: AWS bills each request, and the log already tells what happened.";
const blobKeys =
  "Its keys consist of sessions, letters and hashes, which no template can list; the prefix is bound.";

/** Accepted findings of the packs AwsSolutions and Serverless. Remove an entry when its finding no longer occurs. */
export const ACCEPTED_FINDINGS: readonly AcceptedFinding[] = [
  {
    finding: "AwsSolutions-S1",
    at: "*",
    reason:
      "CloudTrail's data events record who reads objects, and the account's owner enables them; access logs in a bucket would expose keys, and so sessions, again.",
  },
  {
    finding: "AwsSolutions-SMG4",
    at: "*/Tokens/Secret/Resource",
    reason: "An operator rotates it: an automatic rotation would have to wait for the tasks in flight.",
  },
  {
    finding: "AwsSolutions-SMG4",
    at: "*/Webhook/Resource",
    reason: "Its text is the address of somebody else's webhook, which nothing here can change.",
  },
  { finding: "AwsSolutions-SF2", at: "*", reason: tracing },
  { finding: "Serverless-StepFunctionStateMachineXray", at: "*", reason: tracing },
  { finding: "Serverless-LambdaTracing", at: "*", reason: tracing },
  {
    finding: "AwsSolutions-SF1",
    at: "*/Machine/Resource",
    reason:
      "Step Functions keeps each execution's history for 90 days, and an alarm rings when one fails; a log of all events would be billed for each transition.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::arn:*:sqs:*:*:*-agent-*.fifo]",
    at: "*/Handler/Role/DefaultPolicy/Resource",
    reason:
      "An agent's queues follow from its name, so adding an agent in another stack changes no right of the spine.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::arn:*:sqs:*:*:*-sub-*.fifo]",
    at: "*/Relay/Handler/Role/DefaultPolicy/Resource",
    reason: "A subscription's queue follows from its name, and belongs to its own stack.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::<*Bucket*.Arn>/*]",
    at: "*/Handler/Role/DefaultPolicy/Resource",
    reason: blobKeys,
  },
  {
    finding: "AwsSolutions-IAM5[Resource::<AgentsDocuments*.Arn>/*]",
    at: "*/Agent-documents/Host/Role/DefaultPolicy/Resource",
    reason: "The bucket belongs to this agent alone, and its documents are named by their references.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::arn:*:kms:*:*:key/*]",
    at: "*/Handler/Role/DefaultPolicy/Resource",
    reason:
      "Decrypt only, with keys that carry the spine's tag: sessions stay readable when the deployment names another key, or none.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::arn:*:cloudwatch:*:*:alarm:*]",
    at: "*/Operator/Handler/Role/DefaultPolicy/Resource",
    reason:
      "DescribeAlarms by a prefix of names needs the right to all alarms of the account and Region; it reads only.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::*]",
    at: "*/Role/DefaultPolicy/Resource",
    onAll: [
      "dynamodb:ListStreams",
      "cloudwatch:GetMetricData",
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
    ],
    reason:
      "The relay's right to list streams, the operator's to read metrics, and the right to send traces to X-Ray, do not support resources.",
  },
  {
    finding: "Serverless-SNSRedrivePolicy",
    at: "*/AlarmTopic/Topic/*/Resource",
    reason:
      "The subscription is an e-mail to a person: nobody would read a dead-letter queue, and the alarm keeps ringing.",
  },
  {
    finding: "AwsSolutions-IAM5[Resource::arn:*:bedrock:*::foundation-model/*]",
    at: "*/Agent-*/Host/Role/DefaultPolicy/Resource",
    reason: "An inference profile runs its one model in any Region of its geography that has capacity.",
  },
  {
    finding: "AwsSolutions-DDB3",
    at: "*/Mirror/States/Resource",
    reason: "The mirror is rebuilt from the log, which has point-in-time recovery.",
  },
  {
    finding: "AwsSolutions-DDB3",
    at: "*/Scores/Table/Resource",
    reason: "Losing scores costs no session anything, and they expire.",
  },
  {
    finding: "AwsSolutions-DDB3",
    at: "*/Sessions/Table/Resource",
    reason: "The list of sessions is rebuilt from the log, which has point-in-time recovery.",
  },
  {
    finding: "Serverless-SQSRedrivePolicy",
    at: "*/DeadLetters/Resource",
    reason:
      "It holds dead letters: a message that its own consumer fails on waits there for an operator, and an alarm rings.",
  },
  {
    finding: "Serverless-LambdaEventSourceMappingDestination",
    at: "*",
    reason:
      "A queue's event source mapping has no failure destination: the queue's redrive policy names its dead-letter queue.",
  },
  {
    finding: "Serverless-LambdaDLQ",
    at: "*",
    reason:
      "That queue is for asynchronous invocations. The function is invoked by mappings, whose queues have dead-letter queues, by callers that wait, or by a schedule that invokes it again.",
  },
  {
    finding: "Serverless-EventBusDLQ",
    at: "*/Schedule/Resource",
    reason: "The schedule invokes the function again within minutes and finds the same work.",
  },
];

/** One thing that a pack says against one construct. */
export interface Finding {
  readonly finding: string;
  readonly at: string;
  readonly description: string;
}

/** A pack of cdk-nag, as far as it is needed here: the library itself is the deployer's. */
export interface RulePack extends IPolicyValidationPlugin {
  validateScope(scope: IConstruct): ReturnType<IPolicyValidationPlugin["validate"]>;
}

/** What packs say against a tree of constructs and nobody has acknowledged, in the order of rules. */
export const findingsIn = (scope: IConstruct, packs: readonly RulePack[]): readonly Finding[] =>
  packs.flatMap((pack) =>
    pack.validateScope(scope).violations.flatMap(({ ruleName, description, violatingResources = [] }) =>
      violatingResources.map(({ constructPath = "" }) => ({
        finding: ruleName,
        at: constructPath,
        description,
      })),
    ),
  );

/**
 * Acknowledges what is accepted at the constructs where it is found, so that `Validations` lets the app be synthesized with
 * these packs. Gives the entries that nothing was found for.
 */
export function acknowledgeFindings(
  scope: IConstruct,
  packs: readonly RulePack[],
  accepted: readonly AcceptedFinding[] = ACCEPTED_FINDINGS,
): readonly AcceptedFinding[] {
  const unused = new Set(accepted);
  for (const { finding, at } of findingsIn(scope, packs)) {
    const construct = scope.node.root.node.findAll().find(({ node }) => node.path === at);
    const entry = accepted.find(
      (each) =>
        matches(each.at, at) &&
        (each.onAll === undefined
          ? matches(each.finding, finding)
          : each.finding === finding &&
            allowsOnAll(construct).every((action) => each.onAll?.includes(action))),
    );
    if (entry === undefined || construct === undefined) continue;
    unused.delete(entry);
    Validations.of(construct).acknowledge({ id: finding, reason: entry.reason });
  }
  return [...unused];
}

/** The actions that a policy allows on all resources. */
function allowsOnAll(construct: IConstruct | undefined): readonly string[] {
  if (!(construct instanceof iam.CfnPolicy)) return [];
  const { Statement } = Stack.of(construct).resolve(construct.policyDocument) as {
    readonly Statement: readonly {
      readonly Action: string | readonly string[];
      readonly Resource: unknown;
    }[];
  };
  return Statement.filter(({ Resource }) => [Resource].flat().includes("*")).flatMap(({ Action }) => Action);
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
