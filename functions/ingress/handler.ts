import type { Context, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { application } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { readOptionalEnv } from "#aws/config.ts";
import { callersAt } from "#aws/callers.ts";
import { createTenants } from "#aws/tenants.ts";
import { originsOf } from "#core/condition-origins.ts";
import { createHttpIngress } from "#runtime/create-http-ingress.ts";
import type { IngressOptions } from "#runtime/create-ingress.ts";
import { serveUrl } from "./serve-url.ts";

const tenants = createTenants(callersAt(new URL(".", import.meta.url)));
const quotas = readOptionalEnv("quotas");
const { engine, observer, dynamo, table } = createAwsEngine("ingress", application, originsOf);
const { clock } = engine;
const { onTrouble } = observer;
// Loaded where there are quotas, and by nobody else.
const options: IngressOptions = quotas
  ? {
      quota: (await import("#aws/tenant-quota.ts")).createTenantQuota(quotas, {
        client: dynamo,
        table,
        clock,
        onTrouble,
      }),
    }
  : {};
const http = createHttpIngress(engine, options);

/** Behind the function's URL (IAM). */
export const handler = (event: LambdaFunctionURLEventWithIAMAuthorizer, context: Context) =>
  observer.invocation(
    context,
    event.headers,
    () => serveUrl(event, http, tenants, clock.now() + context.getRemainingTimeInMillis()),
    {
      name: "ingress",
      kind: "server",
      attributes: { "http.request.method": event.requestContext.http.method },
    },
  );
