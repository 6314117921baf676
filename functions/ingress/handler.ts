import type { Context, LambdaFunctionURLEventWithIAMAuthorizer, SQSEvent } from "aws-lambda";
import { applicationDefinition } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { readOptionalEnv } from "#aws/config.ts";
import { createLazyReturns } from "#aws/lazy-returns.ts";
import { deadLetterName, QueueSuffix } from "#aws/names.ts";
import { batchResponse } from "#aws/sqs-records.ts";
import { sendMessages, type OutgoingMessage } from "#aws/sqs-send.ts";
import { readTenants } from "#aws/tenants.ts";
import { createHttpIngress } from "#runtime/create-http-ingress.ts";
import { createIngress, type IngressOptions } from "#runtime/create-ingress.ts";
import { serveUrl } from "./serve-url.ts";
import { takeIntake, type IntakePorts } from "./take-intake.ts";

const tenants = readTenants(readOptionalEnv("tenants"));
const quotas = readOptionalEnv("quotas");
const { engine, observer, queues, dynamo, table } = await createAwsEngine("ingress", applicationDefinition);
const { clock, ids } = engine;
const { onTrouble } = observer;
// Loaded where there are quotas, and by nobody else.
const options: IngressOptions = quotas
  ? {
      quota: (await import("./tenant-quota.ts")).createTenantQuota(quotas, {
        client: dynamo,
        table,
        clock,
        onTrouble,
      }),
    }
  : {};
const http = createHttpIngress(engine, options);
const sendTo = (suffix: string, events: readonly Omit<OutgoingMessage, "queueUrl">[]): Promise<void> =>
  sendMessages(
    queues.client,
    events.map((event) => ({ queueUrl: queues.queuePrefix + suffix, ...event })),
  );
const intake: IntakePorts = {
  ingress: createIngress(engine, options),
  tenants,
  observer,
  clock,
  ids,
  putOff: (events) => sendTo(QueueSuffix.intake, events),
  giveUp: (events) => sendTo(deadLetterName(QueueSuffix.intake), events),
};

const returnSoon = createLazyReturns(queues.queuePrefix, onTrouble);

/** Behind the function's URL (IAM), and fed by the intake queue of spine-in. */
export const handler = (event: LambdaFunctionURLEventWithIAMAuthorizer | SQSEvent, context: Context) =>
  "Records" in event
    ? observer.invocation(context, {}, async () => {
        const failed = await takeIntake(event.Records, intake);
        await returnSoon(event.Records, failed, "events");
        return batchResponse(failed);
      })
    : observer.invocation(
        context,
        event.headers,
        () => serveUrl(event, http, tenants, clock.now() + context.getRemainingTimeInMillis()),
        {
          name: "ingress",
          kind: "server",
          attributes: { "http.request.method": event.requestContext.http.method },
        },
      );
