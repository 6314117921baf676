import * as iam from "aws-cdk-lib/aws-iam";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { RETAINED, type StoreProps } from "./session-log-table.ts";

/**
 * The secret from which the tokens of tasks are computed. A new version of it fences no task; another secret fences every task
 * in progress.
 *
 * @example
 * const tokens = new TokenSecret(this, "Tokens", { removalPolicy: RemovalPolicy.DESTROY });
 */
export class TokenSecret extends Construct {
  readonly secret: secrets.Secret;

  constructor(scope: Construct, id: string, { removalPolicy = RETAINED }: StoreProps = {}) {
    super(scope, id);
    this.secret = new secrets.Secret(this, "Secret", {
      description: "Event Spine: proves which attempt an agent answers for",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
  }

  /** Create and verify tokens. */
  grantIssue(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["secretsmanager:GetSecretValue"],
      resourceArns: [this.secret.secretArn],
    });
  }
}
