import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packed } from "#aws/pack-requests.ts";

const rooms = fc.record({ items: fc.integer({ min: 1, max: 10 }), bytes: fc.integer({ min: 1, max: 100 }) });
const sizes = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 40 });
const sum = (batch: readonly number[]): number => batch.reduce((total, size) => total + size, 0);

describe("batches of one request each", () => {
  it("keep every item, in order", () => {
    fc.assert(
      fc.property(sizes, rooms, (items, room) => {
        expect(packed(items, (size) => size, room).flat()).toEqual(items);
      }),
    );
  });

  it("have room for their items, unless one alone is too large", () => {
    fc.assert(
      fc.property(sizes, rooms, (items, room) => {
        for (const batch of packed(items, (size) => size, room)) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(room.items);
          if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(room.bytes);
        }
      }),
    );
  });

  it("begin only where the one before has no room left", () => {
    fc.assert(
      fc.property(sizes, rooms, (items, room) => {
        const batches = packed(items, (size) => size, room);
        for (const [at, [first = 0]] of batches.entries()) {
          const before = batches[at - 1];
          if (before === undefined) continue;
          expect(before.length === room.items || sum(before) + first > room.bytes).toBe(true);
        }
      }),
    );
  });
});
