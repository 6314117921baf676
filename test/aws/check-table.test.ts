import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { findTable } from "../../scripts/check-table/find-table.ts";
import { tableProblems } from "../../scripts/check-table/table-problems.ts";
import { LOG_TABLE_KEYS } from "../support/log-table-keys.ts";
import { inputsOf, mockedClient } from "./aws-mock.ts";

const stub = mockedClient(DynamoDBClient);
const STREAM = "arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-11-28T00:00:00.000";

const problemsOf = async () => {
  const client = new DynamoDBClient({ region: "eu-west-1" });
  return tableProblems("restored", await findTable(client, "restored"));
};

describe("a table offered as a spine's log", () => {
  beforeEach(() => void stub.reset());

  it("lacks nothing when a spine created it", async () => {
    stub
      .on(DescribeTableCommand)
      .resolves({
        Table: {
          TableStatus: "ACTIVE",
          ...LOG_TABLE_KEYS,
          AttributeDefinitions: [...LOG_TABLE_KEYS.AttributeDefinitions],
          KeySchema: [...LOG_TABLE_KEYS.KeySchema],
          BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
          StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
          LatestStreamArn: STREAM,
          DeletionProtectionEnabled: true,
        },
      })
      .on(DescribeTimeToLiveCommand)
      .resolves({ TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "expires" } })
      .on(DescribeContinuousBackupsCommand)
      .resolves({
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: "ENABLED",
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "ENABLED" },
        },
      });
    expect(await problemsOf()).toEqual([]);
    expect(inputsOf(stub)).toEqual(Array.from({ length: 3 }, () => ({ TableName: "restored" })));
  });

  it("lacks the settings that a restore drops, and each comes with the command that sets it", async () => {
    stub
      .on(DescribeTableCommand)
      .resolves({
        Table: {
          TableStatus: "ACTIVE",
          AttributeDefinitions: [...LOG_TABLE_KEYS.AttributeDefinitions],
          KeySchema: [...LOG_TABLE_KEYS.KeySchema],
          BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
        },
      })
      .on(DescribeTimeToLiveCommand)
      .resolves({ TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } })
      .on(DescribeContinuousBackupsCommand)
      .resolves({
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: "ENABLED",
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
        },
      });
    const problems = await problemsOf();
    expect(problems.map(({ field }) => field)).toEqual([
      "stream",
      "time to live",
      "point-in-time recovery",
      "deletion protection",
    ]);
    for (const { repair } of problems)
      expect(repair).toMatch(/^aws dynamodb update-\S+ --table-name restored /);
  });

  it("is rejected when it has other keys, is not ready, or its stream has no new images", async () => {
    stub
      .on(DescribeTableCommand)
      .resolves({
        Table: {
          TableStatus: "CREATING",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
        },
      })
      .on(DescribeTimeToLiveCommand)
      .resolves({ TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "ttl" } })
      .on(DescribeContinuousBackupsCommand)
      .resolves({});
    const fields = (await problemsOf()).map(({ field, problem }) => `${field} ${problem}`);
    expect(fields).toContain("status is CREATING");
    expect(fields).toContain("keys are pk S HASH, but a log has pk (S) and sk (N)");
    expect(fields).toContain("stream is KEYS_ONLY, but the relay reads new images");
    expect(fields.some((field) => field.startsWith("time to live is by ttl"))).toBe(true);
    expect(fields.some((field) => field.startsWith("billing is PROVISIONED"))).toBe(true);
  });
});
