import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { RecentCommits } from "#sqlite/recent-commits.ts";
import { runs } from "../../support/runs.ts";

const keyOf = (session: string) => parseSessionKey({ tenant: "acme", session });
const KEY = keyOf("s-1");
const commit = (first: number, snapshot = false): StoredCommit => ({
  first,
  last: first + 1,
  text: "x".repeat(100),
  snapshot,
});

/** What a file has of a session. */
const tailOf = (file: readonly StoredCommit[]) =>
  file.slice(
    Math.max(
      0,
      file.findLastIndex(({ snapshot }) => snapshot),
    ),
  );

describe("recent commits", () => {
  it("say nothing of a session that was not read", () => {
    const recent = new RecentCommits();
    recent.add(KEY, commit(1));
    expect([recent.tail(KEY), recent.after(KEY, 0)]).toEqual([undefined, undefined]);
  });

  it("are the objects that were added, from the read of a new session on", () => {
    const recent = new RecentCommits();
    recent.keep(KEY, []);
    const [one, two] = [commit(1), commit(3)];
    recent.add(KEY, one);
    recent.add(KEY, two);
    expect(recent.tail(KEY)).toEqual([one, two]);
    expect(recent.after(KEY, 1)?.[0]).toBe(two);
    expect(recent.after(KEY, 4)).toEqual([]);
  });

  it("end where a commit does not follow on what is known", () => {
    const recent = new RecentCommits();
    recent.keep(KEY, [commit(1), commit(3)]);
    recent.add(KEY, commit(3));
    expect(recent.tail(KEY)).toBeUndefined();
  });

  it("keep the sessions that were written last, within their bound", () => {
    const recent = new RecentCommits(1_500);
    for (const session of ["a", "b"]) recent.keep(keyOf(session), [commit(1)]);
    recent.add(keyOf("a"), commit(3));
    recent.keep(keyOf("c"), [commit(1)]);
    expect(["a", "b", "c"].map((session) => recent.tail(keyOf(session))?.length)).toEqual([2, undefined, 1]);
  });

  it("never tell anything else than the file, whatever was read, written and forgotten", () => {
    const step = fc.record({
      session: fc.constantFrom("a", "b", "c"),
      does: fc.constantFrom("write", "write", "write", "read", "forget"),
      snapshot: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 500, max: 6_000 }), (steps, bound) => {
        const recent = new RecentCommits(bound);
        const files = new Map<string, StoredCommit[]>();
        for (const { session, does, snapshot } of steps) {
          const key = keyOf(session);
          const file = files.get(session) ?? [];
          files.set(session, file);
          if (does === "write") {
            const next = commit((file.at(-1)?.last ?? 0) + 1, snapshot);
            file.push(next);
            recent.add(key, next);
          } else if (does === "read") recent.keep(key, tailOf(file));
          else recent.forget(key);
          const tail = recent.tail(key);
          if (tail !== undefined) expect(tail).toEqual(tailOf(file));
          for (let sequence = 0; sequence <= file.length * 2; sequence += 1) {
            const after = recent.after(key, sequence);
            if (after !== undefined) expect(after).toEqual(file.filter(({ first }) => first > sequence));
          }
        }
      }),
      { numRuns: runs(200) },
    );
  });
});
