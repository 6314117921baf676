import type { Context, LambdaFunctionURLEventWithIAMAuthorizer, SQSEvent } from "aws-lambda";
import { applicationDefinition } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { readOptionalEnv } from "#aws/config.ts";
import { batchResponse } from "#aws/sqs-records.ts";
import { readTenants } from "#aws/tenants.ts";
import { createHttpIngress } from "#runtime/create-http-ingress.ts";
import { createIngress } from "#runtime/create-ingress.ts";
import { serveUrl } from "./serve-url.ts";
import { takeIntake } from "./take-intake.ts";

const tenants = readTenants(readOptionalEnv("tenants"));
const { engine, observer } = await createAwsEngine("ingress", applicationDefinition);
const http = createHttpIngress(engine);
const ingress = createIngress(engine);

/** Behind the function's URL (IAM), and fed by the intake queue of spine-in. */
export const handler = (event: LambdaFunctionURLEventWithIAMAuthorizer | SQSEvent, context: Context) =>
  "Records" in event
    ? observer.invocation(context, {}, async () =>
        batchResponse(await takeIntake(event.Records, ingress, tenants, observer)),
      )
    : observer.invocation(context, event.headers, () => serveUrl(event, http, tenants));
