import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoScores } from "#aws/dynamo/dynamo-scores.ts";
import { createScoreReads, type ScoreReads } from "#runtime/doors/http/score-reads.ts";
import type { Engine } from "#runtime/session/engine.ts";

/** What is read of scores; loaded when somebody first asks for it. */
export const createScored = (engine: Engine, client: DynamoDBClient, table: string): ScoreReads =>
  createScoreReads(engine, createDynamoScores({ client, table }));
