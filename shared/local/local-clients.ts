import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import type { LocalCloud } from "./cloud.ts";
import { connectionTo } from "./connection-to.ts";

/** Clients of the endpoints on this machine, as its first user. Whoever makes them destroys them. */
export interface LocalClients {
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
  destroy(): void;
}

export function createLocalClients({ environment }: Pick<LocalCloud, "environment">): LocalClients {
  const dynamo = new DynamoDBClient(connectionTo(environment, "DYNAMODB"));
  const s3 = new S3Client({ ...connectionTo(environment, "S3"), forcePathStyle: true });
  return {
    dynamo,
    s3,
    destroy() {
      dynamo.destroy();
      s3.destroy();
    },
  };
}
