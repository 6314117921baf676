import type { Context, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { application } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { readEnv, readOptionalEnv } from "#aws/config.ts";
import { callersAt } from "#aws/lambda/callers.ts";
import { createDynamoWaitRoom } from "#aws/dynamo/dynamo-wait-room.ts";
import { onDemand } from "#aws/on-demand.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { readWaits } from "#aws/read-waits.ts";
import { originsOf } from "#core/condition-origins.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { IngressOptions } from "#runtime/doors/create-ingress.ts";
import { serveUrl } from "./serve-url.ts";

const tenants = createTenants(callersAt(new URL(".", import.meta.url)));
const quotas = readOptionalEnv("quotas");
const sessionIndex = readOptionalEnv("sessionIndex");
const scores = readOptionalEnv("scores");
const { engine, observer, dynamo, table } = createAwsEngine("ingress", application, { originsOf });
const { clock } = engine;
const { onTrouble } = observer;
const stores = { client: dynamo, table, clock, onTrouble };
const { waits } = readEnv(["waits"]);
const options: IngressOptions = {
  waits: createDynamoWaitRoom({ ...stores, ids: engine.ids, bounds: readWaits(waits) }),
  ...(sessionIndex !== undefined && {
    listed: onDemand(async () =>
      (await import("./lists-of-sessions.ts")).createListed(engine, dynamo, sessionIndex),
    ),
  }),
  ...(scores !== undefined && {
    scores: onDemand(async () =>
      (await import("./scores-of-sessions.ts")).createScored(engine, dynamo, scores),
    ),
  }),
  // Loaded where there are quotas, and by nobody else.
  ...(quotas && {
    quota: (await import("#aws/dynamo/create-tenant-quota.ts")).createTenantQuota(quotas, stores),
  }),
};
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
