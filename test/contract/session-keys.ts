import { describe, expect, it } from "vitest";
import type { SessionKey } from "#core/ids.ts";
import type { Cipher, SessionKeys } from "#ports/secrets.ts";
import { freshKey } from "./session-log.ts";

/** Where a test's texts stand. */
export const PLACE = "somewhere";

/** The cipher that opens what a session sealed. */
export async function opening(keys: SessionKeys, key: SessionKey): Promise<Cipher | undefined> {
  const found = await keys.forOpening(key);
  if (found === "erased") throw new Error("The session was erased.");
  return found;
}

/** Holds an implementation of SessionKeys to the port's rules. `anew` makes one without anything in memory, on the same store. */
export function describeSessionKeys(
  name: string,
  make: () => Promise<{ readonly keys: SessionKeys; readonly anew: () => SessionKeys }>,
): void {
  describe(`session keys: ${name}`, () => {
    it("opens what it sealed, in another process too, and seals each text differently each time", async () => {
      const { keys, anew } = await make();
      const key = freshKey();
      const cipher = await keys.forSealing(key);
      const [one, other] = [cipher?.seal("ä€😀", PLACE) ?? "", cipher?.seal("ä€😀", PLACE) ?? ""];
      expect(one).not.toBe(other);
      expect((await opening(anew(), key))?.open(one, PLACE)).toBe("ä€😀");
      expect((await anew().forSealing(key))?.open(other, PLACE)).toBe("ä€😀");
    });

    it("gives concurrent callers the same first key of a session", async () => {
      const { anew } = await make();
      const key = freshKey();
      const ciphers = await Promise.all(Array.from({ length: 5 }, () => anew().forSealing(key)));
      const sealed = ciphers.map((cipher) => cipher?.seal("x", PLACE) ?? "");
      for (const cipher of ciphers) for (const text of sealed) expect(cipher?.open(text, PLACE)).toBe("x");
    });

    it("opens nothing of another session, and nothing that was altered or never sealed", async () => {
      const { keys } = await make();
      const [key, other] = [freshKey(), freshKey()];
      const sealed = (await keys.forSealing(key))?.seal("secret", PLACE) ?? "";
      expect((await keys.forSealing(other))?.open(sealed, PLACE)).toBeUndefined();
      const cipher = await opening(keys, key);
      const altered = `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`;
      for (const text of [altered, "", "no sealed text", sealed.slice(0, 10)])
        expect(cipher?.open(text, PLACE)).toBeUndefined();
    });

    it("opens a sealed value at its own place only", async () => {
      const cipher = await (await make()).keys.forSealing(freshKey());
      const sealed = cipher?.seal("secret", "events/0/email") ?? "";
      expect(cipher?.open(sealed, "events/0/name")).toBeUndefined();
      expect(cipher?.open(sealed, "events/0/email")).toBe("secret");
    });

    it("digests a text identically in every process, and differently for every session", async () => {
      const { keys, anew } = await make();
      const [key, other] = [freshKey(), freshKey()];
      const one = (await keys.forSealing(key))?.digest("1234");
      expect((await opening(anew(), key))?.digest("1234")).toBe(one);
      expect((await keys.forSealing(other))?.digest("1234")).not.toBe(one);
    });

    it("holds the cipher that it gave, the same each time, until the key is erased or removed", async () => {
      const { keys } = await make();
      const [key, other] = [freshKey(), freshKey()];
      expect(keys.cached(key)).toBeUndefined();
      for (const one of [key, other]) {
        const cipher = await keys.forSealing(one);
        for (const _ of ["once", "again"]) expect(keys.cached(one)).toBe(cipher);
      }
      await keys.erase(key, "asked for");
      await keys.remove(other);
      for (const one of [key, other]) expect(keys.cached(one)).toBeUndefined();
    });

    it("has no key for a session that never sealed", async () => {
      expect(await (await make()).keys.forOpening(freshKey())).toBeUndefined();
    });

    it("returns an erased session's key to no caller any more, and affects no other key", async () => {
      const { keys, anew } = await make();
      const [key, other] = [freshKey(), freshKey()];
      await keys.forSealing(key);
      const kept = (await keys.forSealing(other))?.seal("kept", PLACE) ?? "";
      for (const _ of ["once", "again"]) await keys.erase(key, "asked for");
      for (const found of [keys, anew()]) {
        expect(await found.forOpening(key)).toBe("erased");
        expect(await found.forSealing(key)).toBeUndefined();
        expect((await opening(found, other))?.open(kept, PLACE)).toBe("kept");
      }
    });

    it("deletes everything about a session that has ended", async () => {
      const { keys, anew } = await make();
      const key = freshKey();
      const sealed = (await keys.forSealing(key))?.seal("x", PLACE) ?? "";
      await keys.erase(key, "asked for");
      for (const _ of ["once", "again"]) await keys.remove(key);
      expect(await anew().forOpening(key)).toBeUndefined();
      expect((await anew().forSealing(key))?.open(sealed, PLACE)).toBeUndefined();
    });

    it("erases a session that never sealed as well", async () => {
      const { keys, anew } = await make();
      const key = freshKey();
      await keys.erase(key, "asked for");
      expect(await anew().forSealing(key)).toBeUndefined();
    });
  });
}
