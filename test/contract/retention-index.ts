import { beforeEach, describe, expect, it } from "vitest";
import { sessionKeyText } from "#core/ids.ts";
import type { DueSession, RetentionIndex } from "#ports/retention.ts";
import { freshKey } from "./session-log.ts";

const T = 1_800_000_000_000;

/** Holds an index of retention to the port's rules. Each test is given an empty one. */
export function describeRetentionIndex(name: string, makeIndex: () => Promise<RetentionIndex>): void {
  describe(`retention index: ${name}`, () => {
    let index: RetentionIndex;

    beforeEach(async () => {
      index = await makeIndex();
    });

    const due = async (now: number): Promise<readonly DueSession[]> => {
      const found: DueSession[] = [];
      for await (const one of index.due(now)) found.push(one);
      return found;
    };
    const names = async (now: number) =>
      (await due(now)).map((one) => `${sessionKeyText(one)} ${one.at - T}`).toSorted();

    it("returns entries due by now, to the millisecond, and none earlier", async () => {
      const [one, other] = [freshKey(), freshKey()];
      await index.note(one, T);
      await index.note(other, T + 1);
      expect(await names(T - 1)).toEqual([]);
      expect(await names(T)).toEqual([`${sessionKeyText(one)} 0`]);
      expect(await due(T + 1)).toHaveLength(2);
    });

    it("keeps one entry for a session and a time, and another for another time", async () => {
      const key = freshKey();
      for (const at of [T, T, T + 5]) await index.note(key, at);
      expect(await names(T + 10)).toEqual([`${sessionKeyText(key)} 0`, `${sessionKeyText(key)} 5`]);
    });

    it("deletes one entry, and deleting it again does no harm", async () => {
      const key = freshKey();
      await index.note(key, T);
      await index.note(key, T + 5);
      for (const _ of ["once", "again"]) await index.forget({ ...key, at: T });
      expect(await names(T + 10)).toEqual([`${sessionKeyText(key)} 5`]);
    });

    it("returns many entries of one moment once each, even while they are deleted", async () => {
      const keys = Array.from({ length: 250 }, () => freshKey());
      await Promise.all(keys.map((key) => index.note(key, T)));
      const found: string[] = [];
      for await (const one of index.due(T)) {
        found.push(sessionKeyText(one));
        await index.forget(one);
      }
      expect(found.toSorted()).toEqual(keys.map((key) => sessionKeyText(key)).toSorted());
      expect(await due(T)).toEqual([]);
    });
  });
}
