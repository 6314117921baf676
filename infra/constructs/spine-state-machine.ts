import { RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

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
}

/**
 * A Standard state machine with a role of its own. It writes no logs: each execution keeps its history for 90 days.
 */
export class SpineStateMachine extends Construct {
  readonly machine: sfn.StateMachine;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { definition, right }: SpineStateMachineProps) {
    super(scope, id);
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("states.amazonaws.com") });
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [right.action], resources: [right.resource] }));
    this.machine = new sfn.StateMachine(this, "Machine", {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      stateMachineType: sfn.StateMachineType.STANDARD,
      role: this.role,
      removalPolicy: RemovalPolicy.DESTROY,
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
