import { Stack, type StackProps } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { recommendation } from "#contracts/recommendation.ts";
import { EventSpine } from "../constructs/event-spine.ts";
import { SpineAgent } from "../constructs/spine-agent.ts";
import type { Tracing } from "../settings/tracing-options.ts";
import { pathOf } from "./customer-care-stack.ts";

export interface RecommendationProps extends StackProps {
  /** The prefix of the spine that the agent joins. */
  readonly prefix?: string;
  /** What the agent's alarms do; what is there already is imported into the scope. @default they tell the spine's topic */
  readonly alarmActions?: (scope: Construct) => readonly cloudwatch.IAlarmAction[] | undefined;
  /** A customer's key for its queues and its log; one that is there already is imported into the scope. @default keys of AWS's own */
  readonly encryptionKey?: (scope: Construct) => kms.IKey | undefined;
  /** How what the agent does can be followed. @default off */
  readonly tracing?: Tracing;
}

/** An agent that another team deploys separately: it knows the spine's prefix and its own contract, and nothing else. */
export class RecommendationStack extends Stack {
  readonly agent: SpineAgent;

  constructor(
    scope: Construct,
    id: string,
    {
      prefix,
      tracing,
      alarmActions = () => undefined,
      encryptionKey = () => undefined,
      ...props
    }: RecommendationProps = {},
  ) {
    super(scope, id, { description: "Event Spine: the recommendation agent", ...props });
    this.agent = new SpineAgent(this, "Recommendation", {
      spine: EventSpine.fromName(this, "Spine", prefix),
      contract: recommendation,
      entry: pathOf("functions/agents/recommendation/handler.ts"),
      alarmActions: alarmActions(this),
      encryptionKey: encryptionKey(this),
      ...(tracing !== undefined && { tracing }),
    });
  }
}
