import { beforeEach, describe, expect, it } from "vitest";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { serializeTombstone } from "#core/session/tombstone.ts";
import type { ExpiringLog } from "#ports/retention.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { appendAll, commit, freshKey } from "./session-log.ts";

const UNTIL = 1_900_000_000_000;

export function tombstoneAt(key: SessionKey, first: number): StoredCommit {
  const times = { endedAt: 1, expiredAt: 2, until: UNTIL };
  const text = serializeTombstone({ ...key, first, previous: "hash", ...times });
  return { first, last: first, text, snapshot: true };
}

/** Holds a log to what retention does with it. */
export function describeExpiringLog(name: string, makeLog: () => Promise<ExpiringLog>): void {
  describe(`expiring log: ${name}`, () => {
    let log: ExpiringLog;
    let key: SessionKey;

    beforeEach(async () => {
      log = await makeLog();
      key = freshKey();
    });

    it("keeps a tombstone as it was written, and rejects commits after it as after a commit", async () => {
      await appendAll(log, key, [commit(1), commit(2), tombstoneAt(key, 3)]);
      expect(await log.readTail(key)).toEqual([tombstoneAt(key, 3)]);
      expect(await log.append(key, commit(3))).toBe("conflict");
    });

    it("writes no tombstone when a commit was faster", async () => {
      await appendAll(log, key, [commit(1), commit(2)]);
      expect(await log.append(key, tombstoneAt(key, 2))).toBe("conflict");
      expect(await log.readTail(key)).toEqual([commit(1), commit(2)]);
    });

    it("removes the named commits before the tombstone, and never the tombstone", async () => {
      const many = Array.from({ length: 60 }, (_, at) => commit(at + 1));
      await appendAll(log, key, [...many, tombstoneAt(key, 61)]);
      await log.removeCommits(key, 61, [60, 59, 61, 62]);
      expect((await log.readUpTo(key, 60)).at(-1)?.first).toBe(58);
      await log.removeCommits(
        key,
        61,
        many.map(({ first }) => first),
      );
      expect(await log.readAfter(key, 0, 100)).toEqual([tombstoneAt(key, 61)]);
    });

    it("may remove the same commits again", async () => {
      await appendAll(log, key, [commit(1), tombstoneAt(key, 2)]);
      for (const _ of ["once", "again"]) await log.removeCommits(key, 2, [1]);
      expect(await log.readAfter(key, 0, 100)).toEqual([tombstoneAt(key, 2)]);
    });

    it("removes nothing of a session without a tombstone, or with one at another place", async () => {
      await appendAll(log, key, [commit(1), commit(2)]);
      for (const at of [2, 3])
        await expect(log.removeCommits(key, at, [1])).rejects.toMatchObject({ code: "internal" });
      const other = freshKey();
      await appendAll(log, other, [commit(1), commit(2), tombstoneAt(other, 3)]);
      await expect(log.removeCommits(key, 3, [1]), sessionKeyText(key)).rejects.toMatchObject({
        code: "internal",
      });
      await expect(log.removeCommits(other, 2, [1])).rejects.toMatchObject({ code: "internal" });
      expect(await log.readTail(key)).toEqual([commit(1), commit(2)]);
      expect(await log.readUpTo(other, 2)).toEqual([commit(1), commit(2)]);
    });

    it("removes the named markers of the session, and no others", async () => {
      const marker = (id: string) => ({ source: "shop", id, hash: "h", sequence: 1 });
      const neighbour = freshKey();
      await log.writeMarkers(key, [marker("1"), marker("2")]);
      await log.writeMarkers(neighbour, [marker("1")]);
      const named = [marker("1"), marker("1"), { source: "never", id: "written" }];
      for (const _ of ["once", "again"]) await log.removeMarkers(key, named);
      expect(await log.readMarker(key, "shop", "1")).toBeUndefined();
      expect(await log.readMarker(key, "shop", "2")).toEqual(marker("2"));
      expect(await log.readMarker(neighbour, "shop", "1")).toEqual(marker("1"));
    });
  });
}
