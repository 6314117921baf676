import { describe, expect, it } from "vitest";
import { measure, grow } from "../../scripts/flat/measure.ts";
import { createWorld } from "../../scripts/flat/world.ts";

const AGENTS = 3;
const WINDOW = 50;

describe("a session of many events", async () => {
  const [early, late] = await grow(AGENTS, [100, 800]);
  if (early === undefined || late === undefined) throw new Error("No session grew.");
  const young = await createWorld(AGENTS, early);
  const old = await createWorld(AGENTS, late);

  it("is measured from a full id window on", async () => {
    const { ids, evicted } = await young.state();
    expect([ids.length, evicted]).toEqual([32, true]);
  });

  it("keeps a state of constant size", async () => {
    const size = async (world: typeof young) => JSON.stringify(await world.state()).length;
    expect(await size(old)).toBeLessThan((await size(young)) * 1.05);
  });

  it("costs as many bytes and port calls late as early", async () => {
    const before = await measure(young, WINDOW);
    const after = await measure(old, WINDOW);
    expect(before.bytesWritten).toBeGreaterThan(0);
    expect(after.bytesWritten / before.bytesWritten).toBeLessThan(1.1);
    expect(after.bytesRead / before.bytesRead).toBeLessThan(1.1);
    expect(after.portCalls / before.portCalls).toBeLessThan(1.1);
  });

  it("costs no more beside a hundred agents", async () => {
    const [crowded] = await grow(100, [100]);
    if (crowded === undefined) throw new Error("No session grew.");
    const few = await measure(await createWorld(AGENTS, early), WINDOW);
    const many = await measure(await createWorld(100, crowded), WINDOW);
    expect(many.bytesWritten).toBe(few.bytesWritten);
    expect(many.portCalls).toBe(few.portCalls);
  });
});
