import { beforeEach, describe, expect, it } from "vitest";
import type { EnumerableSessionLog, StreamRecord } from "#ports/session-log.ts";
import { tombstoneAt } from "./expiring-log.ts";
import { appendAll, commit, freshKey } from "./session-log.ts";

interface LocalSessionLog extends EnumerableSessionLog {
  onAppend(listener: (record: StreamRecord) => void): void;
}

/** Holds a local log to what it offers beyond the port: enumeration and a stream of what was appended. */
export function describeLocalSessionLog(name: string, makeLog: () => Promise<LocalSessionLog>): void {
  describe(`local session log: ${name}`, () => {
    let log: LocalSessionLog;

    beforeEach(async () => {
      log = await makeLog();
    });

    it("lists every session with a commit once", async () => {
      const keys = [freshKey(), freshKey(), freshKey()];
      expect(await log.sessions()).toEqual([]);
      for (const key of keys) await appendAll(log, key, [commit(1), commit(2)]);
      await log.writeMarkers(freshKey(), [{ source: "s", id: "i", hash: "h", sequence: 1 }]);
      expect(await log.sessions()).toEqual(keys);
    });

    it("passes every commit to the listeners in order, before it is acknowledged, and no conflict", async () => {
      const heard: [StreamRecord["session"], number][] = [];
      log.onAppend(({ session, commit: { first } }) => heard.push([session, first]));
      const [one, other] = [freshKey(), freshKey()];
      await appendAll(log, one, [commit(1)]);
      expect(heard).toEqual([[one.session, 1]]);
      await log.append(one, commit(1));
      await Promise.all([
        log.append(one, commit(2)),
        log.append(other, commit(1)),
        log.append(one, commit(3)),
      ]);
      expect(heard).toEqual([
        [one.session, 1],
        [one.session, 2],
        [other.session, 1],
        [one.session, 3],
      ]);
    });

    it("passes the whole record to the listener", async () => {
      const heard: StreamRecord[] = [];
      log.onAppend((record) => heard.push(record));
      const key = freshKey();
      await appendAll(log, key, [commit(4, 9, { snapshot: true })]);
      expect(heard).toMatchObject([{ ...key, commit: commit(4, 9, { snapshot: true }) }]);
    });

    it("passes no tombstone to the listeners, because it needs no relaying", async () => {
      const heard: number[] = [];
      log.onAppend(({ commit: { first } }) => heard.push(first));
      const key = freshKey();
      await appendAll(log, key, [commit(1), tombstoneAt(key, 2)]);
      expect(heard).toEqual([1]);
    });

    it("lets a listener append at once", async () => {
      const key = freshKey();
      const echoes: Promise<unknown>[] = [];
      log.onAppend(({ commit: { first } }) => {
        if (first < 3) echoes.push(log.append(key, commit(first + 1)));
      });
      await log.append(key, commit(1));
      for (let at = 0; at < echoes.length; at += 1) await echoes[at];
      expect(await log.readTail(key)).toEqual([commit(1), commit(2), commit(3)]);
    });
  });
}
