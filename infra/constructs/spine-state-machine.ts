import { RemovalPolicy, Stack } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { ALARM_PERIOD, ring } from "./alarm.ts";

/** A definition in the Amazon States Language, with JSONPath: the local runtime runs the same text. */
export interface Definition {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface SpineStateMachineProps {
  readonly definition: Definition;
  /** The one thing that its role may do. */
  readonly right: { readonly action: string; readonly resource: string };
  /** What it means when an execution fails, and what to do. */
  readonly failure: string;
}

/**
 * A Standard state machine with a role of its own. It writes no logs: each execution keeps its history for 90 days, and
 * one that fails rings.
 */
export class SpineStateMachine extends Construct {
  readonly machine: sfn.StateMachine;
  readonly role: iam.Role;
  readonly failed: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { definition, right, failure }: SpineStateMachineProps) {
    super(scope, id);
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("states.amazonaws.com") });
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [right.action], resources: [right.resource] }));
    this.machine = new sfn.StateMachine(this, "Machine", {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      stateMachineType: sfn.StateMachineType.STANDARD,
      role: this.role,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.failed = ring(this, "Failed", {
      description: failure,
      metric: this.machine.metricFailed({ period: ALARM_PERIOD }),
    });
  }

  /** Start executions. */
  grantStart(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["states:StartExecution"],
      resourceArns: [this.machine.stateMachineArn],
    });
  }
}
