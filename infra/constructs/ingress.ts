import { Duration } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix } from "#aws/names.ts";
import { waitBounds, waitsText, type Waits } from "../settings/wait-bounds.ts";
import { NOBODY, type CallingAccount } from "../settings/tenant-rights.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import { quotasText, type TenantQuota } from "../settings/tenant-quotas.ts";
import {
  coreFunction,
  engineEnvironment,
  grantAdvance,
  indexEnvironment,
  scoresEnvironment,
  type Foundation,
} from "./foundation.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

/** A caller may hold its request open for the reply (`Prefer: wait`), so this is the longest wait plus a margin. */
const TIMEOUT = Duration.seconds(30);

export interface IngressProps {
  readonly foundation: Foundation;
  readonly callers: Callers;
  /** Other accounts that the tenants name. */
  readonly accounts: readonly CallingAccount[];
  readonly quotas: ByTenant<TenantQuota> | undefined;
  readonly waits: Waits | undefined;
}

/** The producers' entry: HTTP, signed by the caller. */
export class Ingress extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, callers, accounts, quotas, waits }: IngressProps) {
    super(scope, id);
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.ingress,
      description: "accepts producers' events over HTTP",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        ...engineEnvironment(foundation),
        ...indexEnvironment(foundation),
        ...scoresEnvironment(foundation),
        ...(foundation.liveOutput === true && { [Env.liveOutput]: "on" }),
        [Env.waits]: waitsText(waitBounds(waits, callers.tenants !== undefined)),
        ...(callers.tenants !== undefined && { [Env.formerTenants]: NOBODY }),
        ...(quotas !== undefined && { [Env.quotas]: quotasText(quotas, callers.tenants) }),
      },
    });
    grantAdvance(foundation, this.handler);
    foundation.log.grantHold(this.handler);
    foundation.index?.grantList(this.handler);
    foundation.scores?.grantRead(this.handler);
    if (quotas !== undefined) foundation.log.grantCountQuotas(this.handler);
    const calling = accounts.flatMap(({ account, overHttp }) => (overHttp ? [account] : []));
    this.url = signedUrl(this, this.handler, calling);
  }
}
