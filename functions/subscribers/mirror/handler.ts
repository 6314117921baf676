import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { hostSubscriber } from "#aws/lambda/host-subscriber.ts";
import { createDynamoMirror } from "./dynamo-mirror.ts";

const client = lean(new DynamoDBClient(clientDefaults(QUICK)));

export const handler = hostSubscriber(
  "mirror",
  createDynamoMirror({ client, table: readVariable("MIRROR_TABLE") }),
);
