import { describe, expect, it } from "vitest";
import { loadedOnFirstUse } from "#aws/on-demand.ts";
import type { Blobs } from "#ports/blobs.ts";

const METHODS = { put: true, get: true, link: true } as const;

/** Blobs of which a call says what it was given, and a count of how often they were loaded. */
function counted(failures = 0) {
  let loads = 0;
  const calls: unknown[][] = [];
  const blobs: Blobs = {
    put: (...given) => Promise.resolve(void calls.push(["put", ...given])),
    get: (key) => Promise.resolve(`text of ${key}`),
    link: (key, forMs) => Promise.resolve(`${key} for ${forMs}`),
  };
  const late = loadedOnFirstUse<Blobs>(METHODS, async () => {
    loads += 1;
    if (loads <= failures) throw new Error("The module cannot be read.");
    return Promise.resolve(blobs);
  });
  return { late, calls, loads: () => loads };
}

describe("a port that is loaded at its first use", () => {
  it("loads nothing before a method is called", () => {
    expect(counted().loads()).toBe(0);
  });

  it("hands every call to the adapter, with all that it was given", async () => {
    const { late, calls } = counted();
    await late.put("key", "text");
    expect(calls).toEqual([["put", "key", "text"]]);
    expect(await late.get("key")).toBe("text of key");
    expect(await late.link("key", 5)).toBe("key for 5");
  });

  it("loads its adapter once for calls that come side by side", async () => {
    const { late, loads } = counted();
    await Promise.all([late.get("a"), late.get("b"), late.link("c", 1)]);
    expect(loads()).toBe(1);
  });

  it("loads its adapter again after that failed", async () => {
    const { late } = counted(1);
    await expect(late.get("key")).rejects.toThrow("cannot be read");
    expect(await late.get("key")).toBe("text of key");
  });

  it("can be spread and awaited, as any port", async () => {
    const { late } = counted();
    expect(Object.keys({ ...late })).toEqual(["put", "get", "link"]);
    expect(await Promise.resolve(late)).toBe(late);
  });
});
