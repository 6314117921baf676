import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { FoundTable } from "./table-problems.ts";

/** Asks AWS for all that matters of a table; needs `dynamodb:Describe*` on it. */
export async function findTable(client: DynamoDBClient, TableName: string): Promise<FoundTable> {
  const [{ Table }, { TimeToLiveDescription }, { ContinuousBackupsDescription }] = await Promise.all([
    client.send(new DescribeTableCommand({ TableName })),
    client.send(new DescribeTimeToLiveCommand({ TableName })),
    client.send(new DescribeContinuousBackupsCommand({ TableName })),
  ]);
  const types = new Map(
    (Table?.AttributeDefinitions ?? []).map(({ AttributeName, AttributeType }) => [
      AttributeName,
      AttributeType,
    ]),
  );
  const ttl = TimeToLiveDescription;
  const isOn = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
  return {
    status: Table?.TableStatus,
    keys: (Table?.KeySchema ?? []).map(
      ({ AttributeName, KeyType }) => `${AttributeName} ${types.get(AttributeName)} ${KeyType}`,
    ),
    billing: Table?.BillingModeSummary?.BillingMode,
    // A stream that was switched off keeps its ARN for a day.
    streamView: Table?.StreamSpecification?.StreamEnabled
      ? Table.StreamSpecification.StreamViewType
      : undefined,
    streamArn: Table?.LatestStreamArn,
    deletionProtection: Table?.DeletionProtectionEnabled === true,
    expiresBy: isOn ? ttl?.AttributeName : undefined,
    pointInTimeRecovery:
      ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED",
  };
}
