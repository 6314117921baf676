import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heapNode, IndexedHeap } from "#memory/queue/heap.ts";

describe("an indexed heap", () => {
  it("returns its nodes smallest first, after any removals and changes of keys", () => {
    const entry = fc.record({
      key: fc.nat(20),
      fate: fc.constantFrom("stay", "remove", "change"),
      to: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const heap = new IndexedHeap<number>();
        const nodes = entries.map(({ key }, i) => heapNode(i, key, i));
        for (const node of nodes) heap.push(node);
        entries.forEach(({ fate, to }, i) => {
          const node = nodes[i];
          if (node === undefined || fate === "stay") return;
          if (fate === "remove") return heap.remove(node);
          node.key = to;
          heap.update(node);
        });
        const expected = nodes
          .filter((_, i) => entries[i]?.fate !== "remove")
          .sort((a, b) => a.key - b.key || a.tie - b.tie);
        expect(heap.size).toBe(expected.length);
        for (const smallest of expected) {
          expect(heap.peek()).toBe(smallest);
          expect(heap.at(smallest.slot)).toBe(smallest.owner);
          heap.remove(smallest);
        }
        expect(heap.peek()).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
