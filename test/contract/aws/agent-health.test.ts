import { afterEach, beforeEach } from "vitest";
import { createDynamoAgentHealth } from "#aws/dynamo-agent-health.ts";
import { startLocalTable, type LocalTable } from "../../aws/dynalite.ts";
import { describeAgentHealth } from "../agent-health.ts";

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});
afterEach(() => local.stop());

describeAgentHealth("DynamoDB, emulated", () => {
  let now = 1_800_000_000_000;
  const health = createDynamoAgentHealth({ ...local, clock: { now: () => now }, shards: 2 });
  const pass = async (ms: number) => {
    // As at the end of an invocation.
    await health.flush();
    now += ms;
  };
  return Promise.resolve({ health, pass });
});
