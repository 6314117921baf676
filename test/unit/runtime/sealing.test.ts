import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import type { PersonalPaths } from "#runtime/sealing/personal-paths.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";

const KEY = parseSessionKey({ tenant: "default", session: "visit" });
const TEXT = JSON.stringify({ said: "hello" });
const keys = createMemorySessionKeys();
const sealing = (paths: PersonalPaths) => createSealing({ keys, paths });

describe("a tenant that declares no personal values any more", () => {
  it("reads what was sealed when it did", async () => {
    const sealed = await sealing({ "*": ["input.email"] }).whole(KEY, TEXT);
    expect(sealed).not.toContain("hello");
    expect(await sealing({}).open(KEY, sealed)).toBe(TEXT);
  });

  it("reads as erased what was erased", async () => {
    const sealed = await sealing({ "*": ["input.email"] }).whole(KEY, TEXT);
    await keys.erase(KEY, "asked for");
    expect(await sealing({}).open(KEY, sealed)).toBe('{"$erased":true}');
  });

  it("leaves as it is what looks sealed in a session that never had a key: a producer sent it", async () => {
    const sent = JSON.stringify({ data: { $sealed: "of my own" } });
    const other = parseSessionKey({ tenant: "default", session: "other" });
    expect(await sealing({}).open(other, sent)).toBe(sent);
  });
});
