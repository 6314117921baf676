import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createDynamoLiveOutput } from "#aws/dynamo/dynamo-live-output.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createLazyTokens } from "#aws/secrets/lazy-tokens.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createProgressDoor } from "#runtime/doors/create-progress-door.ts";
import { createProgressResponder } from "./take-progress.ts";

const { liveTable, tokenSecret } = readEnv(["liveTable", "tokenSecret"]);
const clock = createSystemClock();
const client = lean(new DynamoDBClient(clientDefaults(QUICK)));

/** Invoked by agents, with their tasks' tokens. It has no access to the log. */
export const handler = createProgressResponder(
  createProgressDoor({
    live: createDynamoLiveOutput({ client, table: liveTable, clock }),
    tokens: createLazyTokens(tokenSecret, clock),
    clock,
  }),
  createObserver("progress", { quiet: true }),
);
