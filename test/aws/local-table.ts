import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { LOG_TABLE_KEYS } from "../support/log-table-keys.ts";
import { serveDynalite } from "#local/dynamodb/serve-dynalite.ts";

const LOG_KEYS = {
  AttributeDefinitions: [...LOG_TABLE_KEYS.AttributeDefinitions],
  KeySchema: [...LOG_TABLE_KEYS.KeySchema],
};

export interface LocalTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  stop(): Promise<void>;
}

/** A table in an emulator in this process. @default of the log's form */
export async function startLocalTable(
  keys: Pick<
    CreateTableCommandInput,
    "AttributeDefinitions" | "KeySchema" | "GlobalSecondaryIndexes"
  > = LOG_KEYS,
): Promise<LocalTable> {
  const { url, close } = await serveDynalite();
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
      ...keys,
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
