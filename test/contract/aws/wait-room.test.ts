import { afterEach, beforeEach } from "vitest";
import { createDynamoWaitRoom } from "#aws/dynamo/dynamo-wait-room.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { BOUNDS, describeWaitRoom } from "../wait-room.ts";

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});
afterEach(() => local.stop());

describeWaitRoom("DynamoDB, emulated", () => {
  let now = 1_800_000_000_000;
  const process = (seed: number) =>
    createDynamoWaitRoom({ ...local, bounds: BOUNDS, clock: { now: () => now }, ids: createSeededIds(seed) });
  return Promise.resolve({
    processes: [process(1), process(2)],
    now: () => now,
    pass: (ms) => void (now += ms),
  });
});
