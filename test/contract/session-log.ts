import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";

/** Makes a session's key that no other test uses: a log may be shared by all of them. */
export const freshKey = (): SessionKey => parseSessionKey({ tenant: "tenant", session: randomUUID() });

/** A commit that is recognisable by its text. */
export function commit(first: number, last = first, more: Partial<StoredCommit> = {}): StoredCommit {
  return { first, last, text: `{"commit":${first}}`, snapshot: false, ...more };
}

export async function appendAll(log: SessionLog, key: SessionKey, commits: readonly StoredCommit[]) {
  for (const one of commits) expect(await log.append(key, one)).toEqual(one);
}

const firsts = (commits: readonly StoredCommit[]) => commits.map(({ first }) => first);
const upFrom = (first: number, length: number) => Array.from({ length }, (_, index) => first + index);

/** Holds an implementation of SessionLog to the port's rules. */
export function describeSessionLog(name: string, makeLog: () => Promise<SessionLog>): void {
  describe(`session log: ${name}`, () => {
    let log: SessionLog;
    let key: SessionKey;

    beforeEach(async () => {
      log = await makeLog();
      key = freshKey();
    });

    describe("appending", () => {
      it("writes at a free position and returns exactly what was written", async () => {
        const written = commit(1, 3, { text: '{"a":"ä€😀 \\u0000 \\n"}', snapshot: true });
        expect(await log.append(key, written)).toEqual(written);
        expect(await log.readTail(key)).toEqual([written]);
      });

      it("returns conflict at a taken position, and leaves that commit as it was", async () => {
        await appendAll(log, key, [commit(1, 2)]);
        expect(await log.append(key, commit(1, 5, { text: "other", snapshot: true }))).toBe("conflict");
        expect(await log.readTail(key)).toEqual([commit(1, 2)]);
      });

      it("returns conflict for the very same commit: a writer whose acknowledgement was lost reads again", async () => {
        await appendAll(log, key, [commit(1, 2)]);
        expect(await log.append(key, commit(1, 2))).toBe("conflict");
        expect(await log.readTail(key)).toEqual([commit(1, 2)]);
      });

      it("lets one of many racing writers win", async () => {
        const contenders = upFrom(0, 20).map((writer) => commit(1, 1, { text: `writer ${writer}` }));
        const results = await Promise.all(contenders.map((one) => log.append(key, one)));
        const [won, ...others] = results.filter((result) => result !== "conflict");
        expect(others).toEqual([]);
        expect(contenders).toContainEqual(won);
        expect(await log.readTail(key)).toEqual([won]);
      });

      it("compares the first sequence only: the caller keeps sequences contiguous", async () => {
        await appendAll(log, key, [commit(1, 5), commit(10, 12), commit(3, 4), commit(7, 20)]);
        expect(firsts(await log.readTail(key))).toEqual([1, 3, 7, 10]);
        expect(await log.append(key, commit(7, 8))).toBe("conflict");
      });

      it("keeps a text of 300 KB", async () => {
        const text = JSON.stringify("€".repeat(100_000));
        await appendAll(log, key, [commit(1, 1, { text })]);
        expect((await log.readTail(key))[0]?.text).toBe(text);
      });

      it("keeps a text of 2 MB, and returns it in every read", async () => {
        const text = JSON.stringify("€".repeat(700_000));
        await appendAll(log, key, [commit(1), commit(2, 2, { text }), commit(3)]);
        expect(await log.append(key, commit(2, 2, { text: "other" }))).toBe("conflict");
        for (const read of [log.readTail(key), log.readAfter(key, 1, 1), log.readUpTo(key, 2)])
          expect((await read).some((one) => one.text === text)).toBe(true);
      });

      it("stores a copy: changing an input or output object changes nothing", async () => {
        const written = { ...commit(1) };
        await appendAll(log, key, [written]);
        written.text = "changed";
        const [read] = await log.readTail(key);
        if (read !== undefined) Reflect.set(read, "text", "changed");
        expect(await log.readTail(key)).toEqual([commit(1)]);
      });
    });

    describe("reading", () => {
      it("finds nothing in a new session", async () => {
        expect(await log.readTail(key)).toEqual([]);
        expect(await log.readUpTo(key, 100)).toEqual([]);
        expect(await log.readAfter(key, 0, 100)).toEqual([]);
      });

      it("returns every append that was acknowledged before", async () => {
        for (const first of upFrom(1, 20)) {
          await appendAll(log, key, [commit(first)]);
          expect((await log.readTail(key)).at(-1)).toEqual(commit(first));
        }
      });

      it("reads the tail back to the newest snapshot, oldest first", async () => {
        const snapshot = { snapshot: true };
        const commits = [
          commit(1, 1, snapshot),
          commit(2, 4),
          commit(5, 9, snapshot),
          commit(10),
          commit(11),
        ];
        await appendAll(log, key, commits);
        expect(await log.readTail(key)).toEqual(commits.slice(2));
      });

      it("reads only the newest commit when that is the snapshot", async () => {
        await appendAll(log, key, [commit(1), commit(2, 2, { snapshot: true })]);
        expect(firsts(await log.readTail(key))).toEqual([2]);
      });

      it("reads the whole tail in numerical order when there is no snapshot", async () => {
        await appendAll(
          log,
          key,
          upFrom(1, 150).map((first) => commit(first)),
        );
        expect(firsts(await log.readTail(key))).toEqual(upFrom(1, 150));
      });

      it("reads up to a sequence: the commits that start by then, back to a snapshot among them", async () => {
        const snapshot = { snapshot: true };
        await appendAll(log, key, [
          commit(1),
          commit(2, 5, snapshot),
          commit(6, 8),
          commit(9, 9, snapshot),
          commit(10),
        ]);
        expect(firsts(await log.readUpTo(key, 0))).toEqual([]);
        expect(firsts(await log.readUpTo(key, 1))).toEqual([1]);
        expect(firsts(await log.readUpTo(key, 2))).toEqual([2]);
        expect(firsts(await log.readUpTo(key, 5))).toEqual([2]);
        expect(firsts(await log.readUpTo(key, 8))).toEqual([2, 6]);
        expect(firsts(await log.readUpTo(key, 9))).toEqual([9]);
        expect(firsts(await log.readUpTo(key, 999))).toEqual([9, 10]);
      });

      it("pages through the commits that start after a sequence", async () => {
        await appendAll(log, key, [
          commit(1, 3),
          commit(4, 4, { snapshot: true }),
          commit(5, 9),
          commit(10, 11),
        ]);
        expect(firsts(await log.readAfter(key, 0, 2))).toEqual([1, 4]);
        expect(firsts(await log.readAfter(key, 4, 2))).toEqual([5, 10]);
        expect(firsts(await log.readAfter(key, 1, 10))).toEqual([4, 5, 10]);
        expect(firsts(await log.readAfter(key, 11, 10))).toEqual([]);
      });

      it("returns large commits together", async () => {
        const commits = upFrom(1, 8).map((first) =>
          commit(first, first, { text: `${first}`.repeat(300_000) }),
        );
        await appendAll(log, key, commits);
        expect(await log.readTail(key)).toEqual(commits);
        expect(await log.readUpTo(key, 8)).toEqual(commits);
        expect(await log.readAfter(key, 0, 8)).toEqual(commits);
      });
    });

    describe("sessions", () => {
      it("keeps many sessions apart", async () => {
        const keys = upFrom(0, 50).map(freshKey);
        const own = (index: number) => [
          commit(1, 1, { text: `${index}` }),
          commit(2, 2, { text: `${index}` }),
        ];
        await Promise.all(keys.map((one, index) => appendAll(log, one, own(index))));
        const tails = await Promise.all(keys.map((one) => log.readTail(one)));
        expect(tails).toEqual(keys.map((_, index) => own(index)));
      });

      it("separates equal session names of two tenants, and names whose concatenation is equal", async () => {
        const base = randomUUID();
        const pairs = [
          ["a", base],
          ["b", base],
          [`a:${base}`, "c"],
          ["a", `${base}:c`],
          [base, "1"],
          [base, "01"],
          [base, "1e0"],
          [base, "A"],
          [base, "a"],
        ];
        const keys = pairs.map(([tenant, session]) => parseSessionKey({ tenant, session }));
        for (const [index, one] of keys.entries())
          await appendAll(log, one, [commit(1, 1, { text: `${index}` })]);
        for (const [index, one] of keys.entries()) {
          expect(await log.readTail(one)).toEqual([commit(1, 1, { text: `${index}` })]);
        }
      });
    });

    describe("markers", () => {
      const marker = (source: string, id: string, sequence = 7) => ({
        source,
        id,
        hash: `hash of ${id}`,
        sequence,
      });

      it("finds a marker by source and id, and nothing else", async () => {
        await log.writeMarkers(key, [marker("shop", "order-1", 3), marker("shop", "order-2", 4)]);
        expect(await log.readMarker(key, "shop", "order-1")).toEqual(marker("shop", "order-1", 3));
        expect(await log.readMarker(key, "shop", "order-2")).toEqual(marker("shop", "order-2", 4));
        expect(await log.readMarker(key, "shop", "order-3")).toBeUndefined();
        expect(await log.readMarker(key, "crm", "order-1")).toBeUndefined();
        expect(await log.readMarker(freshKey(), "shop", "order-1")).toBeUndefined();
      });

      it("accepts the same marker again, and many at once, and none", async () => {
        const many = upFrom(0, 120).map((index) => marker("shop", `order-${index}`, index));
        await log.writeMarkers(key, many);
        await log.writeMarkers(key, many);
        await log.writeMarkers(key, []);
        expect(await log.readMarker(key, "shop", "order-119")).toEqual(many.at(-1));
      });

      it("separates markers from commits, even when an id looks like a sequence", async () => {
        await log.writeMarkers(key, [marker("", "1"), marker("1", ""), marker("0000000000000001", "1")]);
        expect(await log.readTail(key)).toEqual([]);
        await appendAll(log, key, [commit(1), commit(2)]);
        expect(firsts(await log.readTail(key))).toEqual([1, 2]);
        expect(firsts(await log.readUpTo(key, 999))).toEqual([1, 2]);
        expect(firsts(await log.readAfter(key, 0, 10))).toEqual([1, 2]);
        expect(await log.readMarker(key, "", "1")).toEqual(marker("", "1"));
      });

      it("keeps any characters in source and id, and pairs whose concatenation is equal", async () => {
        const odd = [
          "a",
          "a/b",
          "a#b",
          'a"b',
          "a\\b",
          "ä€😀",
          "a b",
          " ",
          "%2F",
          "a\u0000b",
          "x".repeat(256),
          "A",
        ];
        const pairs = odd.flatMap((source) => odd.map((id) => marker(source, id)));
        const joined = [marker("q/r", "s"), marker("q", "r/s"), marker('q","r', "s"), marker("q", 'r","s')];
        const numbered = [...pairs, ...joined].map((one, sequence) => ({ ...one, sequence }));
        await log.writeMarkers(key, numbered);
        for (const one of numbered) expect(await log.readMarker(key, one.source, one.id)).toEqual(one);
      });
    });

    describe("flows", () => {
      const flow = (name = randomUUID()) => ({ hash: name, text: `{"name":"${name}","of":"ä€😀 \\u0000"}` });

      it("are found under their hash exactly as they were put, whoever asks", async () => {
        const { hash, text } = flow();
        await log.flows.put(hash, text);
        expect(await log.flows.get(hash)).toBe(text);
        expect(await log.flows.get(flow().hash)).toBeUndefined();
      });

      it("stay as they are when they are put again, even with another text", async () => {
        const { hash, text } = flow();
        await log.flows.put(hash, text);
        await log.flows.put(hash, text);
        await log.flows.put(hash, "another");
        expect(await log.flows.get(hash)).toBe(text);
      });

      it("may be put by many at once", async () => {
        const { hash, text } = flow();
        await Promise.all(upFrom(0, 10).map(() => log.flows.put(hash, text)));
        expect(await log.flows.get(hash)).toBe(text);
      });

      it("may be larger than an item of the log", async () => {
        const { hash } = flow();
        const text = JSON.stringify({ plan: "ä".repeat(250_000) });
        await log.flows.put(hash, text);
        expect(await log.flows.get(hash)).toBe(text);
      });

      it("stand apart from commits and markers", async () => {
        await log.flows.put(`${key.tenant}/${key.session}`, "{}");
        expect(await log.readTail(key)).toEqual([]);
        await appendAll(log, key, [commit(1)]);
        expect(await log.readAfter(key, 0, 10)).toEqual([commit(1)]);
      });
    });
  });
}
