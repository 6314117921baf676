import { afterEach, beforeEach, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
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

it("gives the last permit of a small room to whoever asks", async () => {
  const clock = { now: () => 1_800_000_000_000 };
  const bounds = { total: 8, perTenant: 8 };
  const room = createDynamoWaitRoom({ ...local, bounds, clock, ids: createSeededIds(1) });
  const enter = () => room.enter(parseTenantId("shop"), clock.now() + 1_000);
  const given = await Promise.all(Array.from({ length: 8 }, enter));
  expect(given.every((permit) => permit !== undefined)).toBe(true);
  expect(await enter()).toBeUndefined();
  await given[3]?.leave();
  expect(await enter()).toBeDefined();
});
