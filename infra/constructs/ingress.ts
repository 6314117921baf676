import { Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix } from "#aws/names.ts";
import { NOBODY, type CallingAccount } from "../tenants.ts";
import { quotasText, type TenantQuotas } from "../quotas.ts";
import { coreFunction, engineEnvironment, grantAdvance, type Foundation } from "./foundation.ts";
import type { SpineFunction } from "./spine-function.ts";

/** A caller may hold its request open for the reply (`Prefer: wait`), so this is its longest wait and a little more. */
const TIMEOUT = Duration.seconds(30);

export interface IngressProps {
  readonly foundation: Foundation;
  readonly callers: Callers;
  /** Other accounts that the tenants name. */
  readonly accounts: readonly CallingAccount[];
  readonly quotas: TenantQuotas | undefined;
}

/** The producers' door: HTTP, signed by the caller. */
export class Ingress extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, callers, accounts, quotas }: IngressProps) {
    super(scope, id);
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.ingress,
      description: "takes producers' events over HTTP",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        ...engineEnvironment(foundation),
        ...(callers.tenants !== undefined && { [Env.formerTenants]: NOBODY }),
        ...(quotas !== undefined && { [Env.quotas]: quotasText(quotas, callers.tenants) }),
      },
    });
    grantAdvance(foundation, this.handler);
    if (quotas !== undefined) foundation.log.grantCountQuotas(this.handler);
    this.url = this.handler.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    for (const { account, overHttp } of accounts) if (overHttp) this.admit(account);
  }

  /** Lets another account's IAM say who of it may call the URL; which tenant that is, if any, the function finds out. */
  private admit(account: string): void {
    const { functionArn: functionName } = this.handler.function;
    new lambda.CfnPermission(this, `Url${account}`, {
      functionName,
      principal: account,
      action: "lambda:InvokeFunctionUrl",
      functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
    });
    new lambda.CfnPermission(this, `ViaUrl${account}`, {
      functionName,
      principal: account,
      action: "lambda:InvokeFunction",
      invokedViaFunctionUrl: true,
    });
  }
}
