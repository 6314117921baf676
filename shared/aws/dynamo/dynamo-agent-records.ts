import { GetItemCommand, QueryCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BREAKER_RULES, breakerHistory, MOST_BREAKER_CHANGES, type BreakerChange } from "#core/breaker.ts";
import type { AgentRecord, AgentRecords } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import { reaching } from "../aws-error.ts";
import {
  breakerChangesPartition,
  HEALTH_SHARDS,
  healthCountPartition,
  OPEN_BREAKERS,
} from "./health-items.ts";

export interface DynamoAgentRecordsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Pick<Clock, "now">;
}

/** What is summed, ms: several windows of the circuit breakers. */
const LATELY_MS = 300_000;

/** Several processes may note a change: so many notes have the last changes in them as a rule. */
const MOST_NOTES = 3 * MOST_BREAKER_CHANGES;

/** What `DynamoAgentHealth` counted, read for people: its processes keep a few good answers that nothing depends on. */
export function createDynamoAgentRecords({ client, table, clock }: DynamoAgentRecordsOptions): AgentRecords {
  const countsOf = async (agent: string, shard: number, since: number) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "#pk = :pk AND #sk >= :since",
        ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
        ExpressionAttributeValues: {
          ":pk": { S: healthCountPartition(agent, shard) },
          ":since": { N: String(since) },
        },
      }),
    );
    return Items;
  };

  const changesOf = async (agent: string): Promise<readonly BreakerChange[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "#pk = :pk",
        ExpressionAttributeNames: { "#pk": "pk" },
        ExpressionAttributeValues: { ":pk": { S: breakerChangesPartition(agent) } },
        ScanIndexForward: false,
        Limit: MOST_NOTES,
      }),
    );
    return breakerHistory(
      Items.map(({ sk, to }) => ({ at: Number(sk?.N), to: to?.S === "open" ? "open" : "closed" })),
    );
  };

  const read = async (agents: readonly string[]): Promise<readonly AgentRecord[]> => {
    const now = clock.now();
    const since = Math.floor((now - LATELY_MS) / BREAKER_RULES.windowMs);
    const { Item: open = {} } = await client.send(
      new GetItemCommand({ TableName: table, Key: OPEN_BREAKERS }),
    );
    return Promise.all(
      agents.map(async (agent): Promise<AgentRecord> => {
        const shards = Array.from({ length: HEALTH_SHARDS }, (_, shard) => shard);
        const [changes, ...counts] = await Promise.all([
          changesOf(agent),
          ...shards.map((shard) => countsOf(agent, shard, since)),
        ]);
        const items = counts.flat();
        const sum = (name: string) => items.reduce((total, item) => total + Number(item[name]?.N ?? 0), 0);
        const until = open[`open:${agent}`]?.N;
        const ajar = Number(until) <= now ? "half-open" : "open";
        return {
          answers: sum("ok") + sum("slow"),
          failures: sum("failed"),
          breaker: until === undefined ? "closed" : ajar,
          changes,
        };
      }),
    );
  };

  return { lately: (agents) => reaching("Reading the agents' counts", () => read(agents)) };
}
