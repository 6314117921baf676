import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";
import { readEnv, readOptionalEnv } from "#aws/config.ts";
import { createDynamoLiveOutput } from "#aws/dynamo/dynamo-live-output.ts";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { createDynamoWaitRoom } from "#aws/dynamo/dynamo-wait-room.ts";
import { readSealing } from "#aws/kms/read-sealing.ts";
import { callersAt } from "#aws/lambda/callers.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { createLazyBlobs } from "#aws/lazy-adapters.ts";
import { STREAM_PARTITION } from "#aws/names.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { readWaits } from "#aws/read-waits.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { createStreamUrl } from "./serve-stream.ts";

const { table, bucket, streams: bounds } = readEnv(["table", "bucket", "streams"]);
const liveTable = readOptionalEnv("liveTable");
const client = lean(new DynamoDBClient(clientDefaults(QUICK)));
const clock = createSystemClock();
const digest = createNodeDigest();
// A stream is read for a minute at a time: one without trouble is worth no line.
const observer = createObserver("stream", { quiet: true });
const { onTrouble } = observer;
const sealing = readSealing(table);
const blobs = createLazyBlobs(bucket);
const streams = createEventStreams(
  {
    log: sealedLog(createDynamoSessionLog({ client, table, digest, blobs }), sealing, digest),
    blobs: sealedBlobs(blobs, sealing),
    digest,
    clock,
    onTrouble,
  },
  {
    room: createDynamoWaitRoom({
      client,
      table,
      clock,
      ids: createRandomIds(),
      onTrouble,
      bounds: readWaits(bounds, "STREAMS"),
      partition: STREAM_PARTITION,
    }),
    ...(liveTable !== undefined && { live: createDynamoLiveOutput({ client, table: liveTable, clock }) }),
  },
);
const serve = createStreamUrl(streams, createTenants(callersAt(new URL(".", import.meta.url))), clock);

/** Behind the function's URL (IAM), which hands on what is written as it comes. */
export const handler = awslambda.streamifyResponse<LambdaFunctionURLEventWithIAMAuthorizer>(
  (event, response, context) =>
    observer.invocation(context, event.headers, () => serve(event, response, context), {
      name: "stream",
      kind: "server",
      attributes: { "http.request.method": event.requestContext.http.method },
    }),
);
