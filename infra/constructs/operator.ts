import { Duration } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix } from "#aws/names.ts";
import type { ContractSpec } from "#core/contract.ts";
import { streamBounds } from "../settings/stream-bounds.ts";
import { quotasText } from "../settings/tenant-quotas.ts";
import { waitBounds, waitsText } from "../settings/wait-bounds.ts";
import type { EventSpineProps } from "./event-spine-props.ts";
import { coreFunction, engineEnvironment, grantOpen, type Foundation } from "./foundation.ts";
import type { LetterWatch } from "./letter-watch.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

const TIMEOUT = Duration.seconds(10);

export interface OperatorProps {
  readonly foundation: Foundation;
  /** Invokes it to confirm letters. */
  readonly watch: LetterWatch;
  readonly callers: Callers;
  /** Of the application, whoever hosts them: their queues are measured. */
  readonly agents: readonly Pick<ContractSpec, "name" | "group">[];
  /** Other accounts, some of whose principals operate. */
  readonly accounts: readonly string[];
  /** What ingress and streams are bounded by: told to who asks how the spine does. */
  readonly limits: Pick<EventSpineProps, "quotas" | "waits" | "streams">;
}

/**
 * Handles operators' requests about letters and commits through its URL, so IAM identifies the caller. It is a separate
 * function because a caller who may invoke a function with a queue or a stream could pass it forged records.
 */
export class Operator extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, props: OperatorProps) {
    super(scope, id);
    const { foundation, watch, callers, accounts } = props;
    const { names, blobs, log, tokens } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.operator,
      description: "handles operators' requests about dead letters and commits, and confirms letters",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        ...engineEnvironment(foundation),
        [Env.lettersMachine]: watch.machine.stateMachineArn,
        ...toldOf(props),
      },
    });
    this.url = signedUrl(this, this.handler, accounts);
    grantOpen(foundation, this.handler);
    log.grantScan(this.handler);
    blobs.grantRead(this.handler);
    blobs.grantFile(this.handler);
    // An erased session's letters lose their bodies.
    blobs.grantForget(this.handler, ["awaiting/*", "parked/*"]);
    tokens.grantIssue(this.handler);
    watch.grantStart(this.handler);
    const { inbox, answers, intake, relayRetries } = QueueSuffix;
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      [inbox, answers, intake, relayRetries].map((suffix) => names.queueArn(suffix)),
    );
    const ofSpine = Object.values(QueueSuffix);
    names.grant(
      this.handler,
      ["sqs:GetQueueAttributes"],
      [
        ...ofSpine.flatMap((suffix) => [names.queueArn(suffix), names.deadLetterArn(suffix)]),
        // Both lanes, and their dead letters.
        names.queueArn("agent-*.fifo"),
      ],
    );
    // CloudWatch knows no resources of metrics, and looks for alarms among all of the account and Region.
    names.grant(this.handler, ["cloudwatch:GetMetricData"], ["*"]);
    names.grant(this.handler, ["cloudwatch:DescribeAlarms"], [names.allAlarmsArn]);
  }
}

/** What the function is told of agents and limits, for its report of how the spine does. */
function toldOf({ agents, callers, limits }: OperatorProps): Record<string, string> {
  const grouped = agents.flatMap(({ name, group }) => (group === undefined ? [] : [`${name}=${group}`]));
  const hasTenants = callers.tenants !== undefined;
  const { quotas, waits, streams } = limits;
  return {
    [Env.agents]: agents
      .map(({ name }) => name)
      .toSorted()
      .join(","),
    ...(grouped.length > 0 && { [Env.agentGroups]: grouped.toSorted().join(",") }),
    ...(quotas !== undefined && { [Env.quotas]: quotasText(quotas, callers.tenants) }),
    [Env.waits]: waitsText(waitBounds(waits, hasTenants)),
    ...(streams !== false && { [Env.streams]: waitsText(streamBounds(streams, hasTenants)) }),
  };
}
