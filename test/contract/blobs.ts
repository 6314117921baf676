import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Blobs } from "#ports/blobs.ts";
import type { ExpiringBlobs } from "#ports/retention.ts";

/** Holds an implementation of Blobs to the port's rules. `fetchLink` reads a link as an agent would. */
export function describeBlobs(
  name: string,
  makeBlobs: () => Promise<Blobs>,
  fetchLink: (link: string) => Promise<string>,
): void {
  describe(`blobs: ${name}`, () => {
    let blobs: Blobs;
    let key: string;

    beforeEach(async () => {
      blobs = await makeBlobs();
      key = `tenant/session/${randomUUID()}`;
    });

    it("finds nothing under a key that was never written", async () => {
      expect(await blobs.get(key)).toBeUndefined();
    });

    it("returns a text exactly, also an empty one and one of a megabyte", async () => {
      const texts = ["", "ä€😀\u0000\r\n", "€".repeat(350_000)];
      for (const [index, text] of texts.entries()) {
        await blobs.put(`${key}/${index}`, text);
        expect(await blobs.get(`${key}/${index}`)).toBe(text);
      }
    });

    it("accepts the same text under the same key again", async () => {
      await blobs.put(key, "text");
      await blobs.put(key, "text");
      expect(await blobs.get(key)).toBe("text");
    });

    it("separates keys that differ in case, in a slash or in an odd character", async () => {
      const keys = ["a", "A", "a/", "a/b", "a%2Fb", "a b", "a+b", "ä", "a#b", "a?b"].map(
        (end) => `${key}/${end}`,
      );
      for (const one of keys) await blobs.put(one, `text of ${one}`);
      for (const one of keys) expect(await blobs.get(one)).toBe(`text of ${one}`);
    });

    it("links to the text", async () => {
      await blobs.put(key, '{"text":"ä€😀"}');
      expect(await fetchLink(await blobs.link(key, 60_000))).toBe('{"text":"ä€😀"}');
    });
  });
}

/** Holds blobs to what retention does with them. */
export function describeExpiringBlobs(name: string, makeBlobs: () => Promise<ExpiringBlobs>): void {
  describe(`expiring blobs: ${name}`, () => {
    it("removes every text under a prefix, and none of a session whose name only starts with it", async () => {
      const blobs = await makeBlobs();
      const session = randomUUID();
      const keys = Array.from({ length: 30 }, (_, at) => `views/t/${session}/${at}`);
      for (const key of [...keys, `views/t/${session}0/x`, `snapshots/t/${session}/x`])
        await blobs.put(key, "text");
      for (const _ of ["once", "again"]) await blobs.removeAll(`views/t/${session}/`);
      for (const key of keys) expect(await blobs.get(key)).toBeUndefined();
      expect(await blobs.get(`views/t/${session}0/x`)).toBe("text");
      expect(await blobs.get(`snapshots/t/${session}/x`)).toBe("text");
    });
  });
}
