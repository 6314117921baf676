import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import type { Tenants } from "#aws/lambda/tenants.ts";
import type { Clock } from "#ports/clock.ts";
import { unknownCaller } from "#runtime/doors/http/problem.ts";
import type { EventStreams } from "#runtime/doors/stream/create-event-streams.ts";

/** A stream ends so long before the function does, ms: its last events are on their way to the reader. */
const LAST_MS = 4_000;

type UrlEvent = LambdaFunctionURLEventWithIAMAuthorizer;

/**
 * Serves a request to the function's URL: what the stream says is written as it comes, no faster than Lambda takes it. Who calls is what
 * IAM found out. Lambda does not tell when the reader goes away; the stream then ends at its time.
 */
export function createStreamUrl(
  streams: EventStreams,
  tenants: Pick<Tenants, "ofPrincipal">,
  clock: Pick<Clock, "now">,
) {
  const answerTo = async ({ requestContext, rawPath, rawQueryString, headers }: UrlEvent, endsAt: number) => {
    const caller = tenants.ofPrincipal(requestContext.authorizer.iam.userArn);
    if (caller === undefined) return unknownCaller();
    const query = Object.fromEntries(new URLSearchParams(rawQueryString));
    return streams({ method: requestContext.http.method, path: rawPath, query, headers, caller, endsAt });
  };

  return async (
    event: UrlEvent,
    response: Writable,
    { getRemainingTimeInMillis }: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<void> => {
    const answer = await answerTo(event, clock.now() + getRemainingTimeInMillis() - LAST_MS);
    const { status, headers } = answer;
    const writable = awslambda.HttpResponseStream.from(response, { statusCode: status, headers });
    await pipeline(Readable.from("frames" in answer ? answer.frames : [answer.body]), writable);
  };
}
