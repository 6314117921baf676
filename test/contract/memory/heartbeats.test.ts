import { expect, it } from "vitest";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { describeHeartbeats } from "../heartbeats.ts";

const START = 1_800_000_000_000;

describeHeartbeats("memory", () => Promise.resolve(createMemoryHeartbeats({ now: () => START })));

it("are forgotten an hour after the last one", async () => {
  let now = START;
  const beats = createMemoryHeartbeats({ now: () => now });
  const key = parseSessionKey({ tenant: "acme", session: "visit-1" });
  const [old, young] = ["t-1", "t-2"].map((task) => ({ ...key, task: parseTaskId(task), attempt: 1 }));
  if (old === undefined || young === undefined) throw new Error("There are two.");
  await beats.beat(old, now);
  now += 3_600_000;
  await beats.beat(young, now);
  expect(await beats.last([old, young])).toEqual([undefined, now]);
});
