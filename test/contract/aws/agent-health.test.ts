import { afterEach, beforeEach } from "vitest";
import { createDynamoAgentHealth } from "#aws/dynamo/dynamo-agent-health.ts";
import type { AgentHealth } from "#ports/agents.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeAgentHealth } from "../agent-health.ts";

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});
afterEach(() => local.stop());

describeAgentHealth("DynamoDB, emulated", () => {
  let now = 1_800_000_000_000;
  const dynamo = createDynamoAgentHealth({ ...local, clock: { now: () => now }, shards: 2 });
  const health: AgentHealth = {
    report: dynamo.report,
    // Whoever asks for states does so in another invocation than the one whose outcomes were counted.
    async breakerStates(beginning) {
      await dynamo.flush();
      return dynamo.breakerStates(beginning);
    },
  };
  const pass = async (ms: number) => {
    await dynamo.flush();
    now += ms;
  };
  return Promise.resolve({ health, pass });
});
