import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LOG_TABLE_KEYS } from "../support/log-table-keys.ts";
import dynalite from "dynalite";
import { listenOnLoopback } from "#local/http/listening.ts";

export interface LocalTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  stop(): Promise<void>;
}

/** A table of the log's form in an emulator in this process. */
export async function startLocalTable(): Promise<LocalTable> {
  const server = dynalite({ createTableMs: 0 });
  const { url, close } = await listenOnLoopback(server);
  const client = new DynamoDBClient({
    endpoint: url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const table = "log";
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [...LOG_TABLE_KEYS.AttributeDefinitions],
      KeySchema: [...LOG_TABLE_KEYS.KeySchema],
    }),
  );
  return {
    client,
    table,
    async stop() {
      client.destroy();
      await close();
    },
  };
}
