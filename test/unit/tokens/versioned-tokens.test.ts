import { beforeEach, describe, expect, it } from "vitest";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import { createVersionedTokens } from "#node/versioned-tokens.ts";
import type { SecretVersion, TokenSecrets } from "#ports/secrets.ts";

const attempt = {
  ...parseSessionKey({ tenant: "t", session: "s" }),
  task: parseTaskId("task-1"),
  attempt: 1,
};
const versionOf = (number: number): SecretVersion => ({
  id: `${number}`.padStart(32, "v"),
  secret: `${number}`.repeat(32),
});

/** The secret as Secrets Manager keeps it; each version stays. */
const kept: SecretVersion[] = [];
const reads: string[] = [];
let isDown = false;
let now = 0;
const read = <Found>(what: string, find: () => Found): Promise<Found> => {
  reads.push(what);
  return isDown ? Promise.reject(new Error("no answer")) : Promise.resolve(find());
};
const newest = (): SecretVersion => kept.at(-1) ?? versionOf(0);
const secrets: TokenSecrets = {
  current: () => read("current", newest),
  previous: () => read("previous", () => kept.at(-2)),
  version: (id) => read(`version ${id}`, () => kept.find((one) => one.id === id)),
};
const aProcess = () => createVersionedTokens(secrets, { now: () => now });
const rotate = () => kept.push(versionOf(kept.length + 1));
const unavailable = { code: "secret.unavailable", retryable: true };
const foreign = `${"x".repeat(32)}.${"A".repeat(43)}`;

beforeEach(() => {
  kept.splice(0);
  reads.splice(0);
  isDown = false;
  now = 0;
  rotate();
});

describe("a secret that changes", () => {
  it("is read with the first token, once", async () => {
    const tokens = aProcess();
    expect(reads).toEqual([]);
    const [token] = await Promise.all([tokens.issue(attempt), tokens.issue(attempt)]);
    expect(await tokens.verify(attempt, token ?? "")).toBe(true);
    expect(reads).toEqual(["current"]);
  });

  it("fences no task: older processes accept new tokens, and newer ones old tokens", async () => {
    const before = aProcess();
    const old = await before.issue(attempt);
    rotate();
    const after = aProcess();
    const young = await after.issue(attempt);
    expect(young).not.toBe(old);
    expect(await before.verify(attempt, young)).toBe(true);
    expect(await after.verify(attempt, old)).toBe(true);
    expect(await before.verify(attempt, old)).toBe(true);
  });

  it("is used for new tokens by a process as soon as it has seen it", async () => {
    const before = aProcess();
    await before.issue(attempt);
    rotate();
    const young = await aProcess().issue(attempt);
    await before.verify(attempt, young);
    expect(await before.issue(attempt)).toBe(young);
  });

  it("fences no task younger than two changes", async () => {
    const old = await aProcess().issue(attempt);
    rotate();
    rotate();
    rotate();
    expect(await aProcess().verify(attempt, old)).toBe(true);
  });
});

describe("an unknown version", () => {
  it("proves nothing, and is requested once", async () => {
    expect(await aProcess().verify(attempt, foreign)).toBe(false);
    expect(reads).toEqual(["current", "current", "previous", `version ${"x".repeat(32)}`]);
  });

  it("causes one read a minute, however many are made up, and is never rejected without one", async () => {
    const tokens = aProcess();
    await tokens.verify(attempt, foreign);
    reads.splice(0);
    const others = Array.from({ length: 20 }, (_, at) => foreign.replace(/^x+/, `${at}`.padStart(32, "y")));
    for (const other of others)
      await expect(tokens.verify(attempt, other)).rejects.toMatchObject(unavailable);
    expect(reads).toEqual([]);
    now = 59_999;
    await expect(tokens.verify(attempt, foreign)).rejects.toMatchObject(unavailable);
    now = 60_000;
    expect(await tokens.verify(attempt, foreign)).toBe(false);
    expect(reads).toHaveLength(3);
  });

  it("hides no existing version: each read learns the newest two", async () => {
    const old = await aProcess().issue(attempt);
    rotate();
    const tokens = aProcess();
    await tokens.verify(attempt, foreign);
    expect(await tokens.verify(attempt, old)).toBe(true);
  });

  it("waits for the read that another token has started", async () => {
    const before = aProcess();
    await before.issue(attempt);
    rotate();
    const young = await aProcess().issue(attempt);
    reads.splice(0);
    const verdicts = Promise.all([before.verify(attempt, young), before.verify(attempt, young)]);
    expect(await verdicts).toEqual([true, true]);
    expect(reads).toEqual(["current", "previous"]);
  });
});

describe("a read that fails", () => {
  it("is retried later, for creating and for verifying a token", async () => {
    isDown = true;
    const tokens = aProcess();
    await expect(tokens.issue(attempt)).rejects.toMatchObject(unavailable);
    await expect(tokens.verify(attempt, foreign)).rejects.toMatchObject(unavailable);
    isDown = false;
    expect(await tokens.verify(attempt, await tokens.issue(attempt))).toBe(true);
  });

  it("of an unknown version proves nothing about it, and is limited to one a minute too", async () => {
    const tokens = aProcess();
    await tokens.issue(attempt);
    rotate();
    const young = await aProcess().issue(attempt);
    isDown = true;
    await expect(tokens.verify(attempt, young)).rejects.toMatchObject(unavailable);
    isDown = false;
    await expect(tokens.verify(attempt, young)).rejects.toMatchObject(unavailable);
    now = 60_000;
    expect(await tokens.verify(attempt, young)).toBe(true);
  });
});

it("a text without the form of a token causes no read", async () => {
  expect(await aProcess().verify(attempt, "A".repeat(43))).toBe(false);
  expect(await aProcess().verify(attempt, `short.${"A".repeat(43)}`)).toBe(false);
  expect(reads).toEqual([]);
});
