import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { LetterBox } from "#ports/blobs.ts";

/** Holds an implementation of LetterBox to the port's rules. */
export function describeLetterBox(name: string, makeBox: () => Promise<LetterBox>): void {
  describe(`letters: ${name}`, () => {
    let box: LetterBox;
    let prefix: string;

    beforeEach(async () => {
      box = await makeBox();
      prefix = `letters/${randomUUID()}/`;
    });

    it("stores a text, replaces it, and removes it", async () => {
      const key = `${prefix}a`;
      expect(await box.get(key)).toBeUndefined();
      for (const text of ["{}", "ä€😀", "later"]) {
        await box.put(key, text);
        expect(await box.get(key)).toBe(text);
      }
      for (const _ of [1, 2]) await box.remove(key);
      expect(await box.get(key)).toBeUndefined();
      expect(await box.list(prefix, 10)).toEqual([]);
    });

    it("lists keys in ascending order, whatever the order of writing, and no other prefix", async () => {
      const ends = ["b/2", "a/1:x@y", "b", "b/10", "B", "c-1.&<d>"];
      for (const end of ends) await box.put(prefix + end, "{}");
      await box.put(`${prefix.slice(0, -1)}-other/a`, "{}");
      expect(await box.list(prefix, 10)).toEqual(ends.toSorted().map((end) => prefix + end));
      expect(await box.list(`${prefix}b/`, 10)).toEqual([`${prefix}b/10`, `${prefix}b/2`]);
    });

    it("lists page by page, after a key that need not exist", async () => {
      for (const end of ["1", "2", "3", "4"]) await box.put(prefix + end, "{}");
      const first = await box.list(prefix, 2);
      expect(first).toEqual([`${prefix}1`, `${prefix}2`]);
      expect(await box.list(prefix, 2, first[1])).toEqual([`${prefix}3`, `${prefix}4`]);
      await box.remove(`${prefix}3`);
      expect(await box.list(prefix, 2, `${prefix}3`)).toEqual([`${prefix}4`]);
    });
  });
}
