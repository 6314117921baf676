import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { digest } from "./engine.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";

const KEY = parseSessionKey({ tenant: "default", session: "visit" });
const TEXT = JSON.stringify({ said: "hello" });
const keys = createMemorySessionKeys();
const sealing = (paths: ByTenant<readonly string[]>) => createSealing({ keys, paths });

describe("a tenant that no longer declares personal values", () => {
  it("reads values that were sealed before", async () => {
    const sealed = await sealing({ "*": ["input.email"] }).whole(KEY, TEXT);
    expect(sealed).not.toContain("hello");
    expect(await sealing({}).open(KEY, sealed)).toBe(TEXT);
  });

  it("reads erased values as erased", async () => {
    const sealed = await sealing({ "*": ["input.email"] }).whole(KEY, TEXT);
    await keys.erase(KEY, "asked for");
    expect(await sealing({}).open(KEY, sealed)).toBe('{"$erased":true}');
  });

  it("leaves values that look sealed unchanged in a session without a key, because a producer sent them", async () => {
    const sent = JSON.stringify({ data: { $sealed: "of my own" } });
    const other = parseSessionKey({ tenant: "default", session: "other" });
    expect(await sealing({}).open(other, sent)).toBe(sent);
  });
});

describe("a log that is handed out open", () => {
  it("has no part in what readers without keys made of its commits", () => {
    const log = createMemorySessionLog();
    expect(log.readings).toBeDefined();
    expect(sealedLog(log, sealing({}), digest).readings).toBeUndefined();
  });
});
