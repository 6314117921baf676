import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import { expiryOf, readTombstone, serializeTombstone, type Tombstone } from "#core/session/tombstone.ts";

const KEY = parseSessionKey({ tenant: "acme", session: "s1" });
const TOMBSTONE: Tombstone = {
  ...KEY,
  first: 8,
  previous: "hash",
  endedAt: Date.UTC(2030, 0, 1),
  expiredAt: Date.UTC(2030, 3, 1),
  until: Date.UTC(2030, 6, 1),
};
const text = serializeTombstone(TOMBSTONE);

describe("a tombstone", () => {
  it("is read back as written, and no commit is mistaken for one", () => {
    expect(readTombstone(KEY, text)).toEqual(TOMBSTONE);
    expect(readTombstone(KEY, '{"schemaVersion":1,"tombstone":{}}')).toBeUndefined();
  });

  it("contains the reason when an operator erased the session", () => {
    const erased = { ...TOMBSTONE, erased: "asked for on paper" };
    expect(readTombstone(KEY, serializeTombstone(erased))).toEqual(erased);
  });

  it("tells a reader of the log that the session has expired, with its end", () => {
    const read = () => parseCommit(KEY, { first: 8, last: 8, text });
    expect(read).toThrow(/Session s1 ended at sequence 7 on 2030-01-01/);
    expect(read).toThrow(expect.objectContaining({ code: "session.expired", retryable: false }));
  });

  it("is corrupt when it is damaged or belongs to another session", () => {
    for (const damaged of [
      '{"tombstone":1}',
      '{"tombstone":null}',
      text.slice(0, -3),
      text.replace('"acme"', '"other"'),
    ])
      expect(() => readTombstone(KEY, damaged)).toThrow(expect.objectContaining({ code: "log.corrupt" }));
  });
});

describe("the expiry of a session", () => {
  const idle: SessionState = { ...initialState(KEY.tenant, KEY.session), sequence: 7, time: 1_000 };

  it("is one retention after the last commit, whenever it is computed", () => {
    expect(expiryOf(idle, 500, 1_100)).toBe(1_500);
    expect(expiryOf(idle, 500, 9_000)).toBe(1_500);
  });

  it("is one retention from now at the earliest while an input waits, because another commit will follow", () => {
    const held = { "1": { input: {} as never, sequence: 7, dueAt: 31_000 } };
    const waiting: SessionState = { ...idle, ordinals: { shop: { next: 0, held } } };
    expect(expiryOf(waiting, 500, 9_000)).toBe(9_500);
  });
});
