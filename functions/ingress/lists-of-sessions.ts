import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoSessionList } from "#aws/dynamo/dynamo-session-list.ts";
import { createListedReads, type ListedReads } from "#runtime/doors/http/listed-reads.ts";
import type { Engine } from "#runtime/session/engine.ts";

/** What is read of all sessions of a tenant; loaded when somebody first asks for it. */
export const createListed = (engine: Engine, dynamo: DynamoDBClient, table: string): ListedReads =>
  createListedReads(engine, createDynamoSessionList(dynamo, table));
