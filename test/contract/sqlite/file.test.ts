import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "#sqlite/open-database.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { appendAll, commit, freshKey } from "../session-log.ts";
import { freshFile, openForTest } from "./log-file.ts";

function changeFile(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

describe("the file of a sqlite session log", () => {
  it("contains everything when it is opened again", async () => {
    const file = freshFile();
    const key = freshKey();
    const log = openForTest(file);
    await appendAll(log, key, [commit(1, 2), commit(3, 3, { snapshot: true }), commit(4)]);
    await log.writeMarkers(key, [{ source: "s", id: "i", hash: "h", sequence: 3 }]);
    await log.blobs.put("key", "text");
    const score = { sequence: 3, scorer: "tone", score: 1, time: 7 };
    await log.scores.put(key, score);
    log.close();

    const again = openForTest(file);
    expect(await again.readTail(key)).toEqual([commit(3, 3, { snapshot: true }), commit(4)]);
    expect(await again.sessions()).toEqual([key]);
    expect(await again.readMarker(key, "s", "i")).toEqual({ source: "s", id: "i", hash: "h", sequence: 3 });
    expect(await again.blobs.get("key")).toBe("text");
    expect(await again.scores.read(key, { limit: 5 })).toEqual([score]);
    expect(await again.append(key, commit(4))).toBe("conflict");
  });

  it("keeps one secret of its own forever", () => {
    const file = freshFile();
    const log = openForTest(file);
    const secret = log.secret();
    log.close();
    expect(openForTest(file).secret()).toBe(secret);
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(openForTest(freshFile()).secret()).not.toBe(secret);
  });

  it("is readable by its owner only, since it holds the secret", () => {
    const file = freshFile();
    openForTest(file);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("commits pending writes when it is closed", async () => {
    const file = freshFile();
    const key = freshKey();
    const log = openForTest(file);
    const appended = log.append(key, commit(1));
    log.close();
    expect(await appended).toEqual(commit(1));
    expect(await openForTest(file).readTail(key)).toEqual([commit(1)]);
  });

  it("is configured to sync every commit to disk, which no test can observe", () => {
    const db = openDatabase(freshFile());
    onTestFinished(() => db.close());
    expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    const full = 2;
    expect(db.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: full });
  });

  it("is rejected by name while another holder has it open, and accepted afterwards", async () => {
    const file = freshFile();
    openForTest(file).close();
    const holder = openForTest(file);
    const refusal = expect.objectContaining({
      code: "log.unavailable",
      retryable: true,
      message: expect.stringContaining(file),
    });
    expect(() => openSqliteSessionLog(file)).toThrow(refusal);
    await appendAll(holder, freshKey(), [commit(1)]);
    holder.close();
    expect(await openForTest(file).sessions()).toHaveLength(1);
  });

  it("is rejected when it has another version, and left unchanged", () => {
    const file = freshFile();
    openForTest(file).close();
    changeFile(file, "PRAGMA user_version = 99");
    const before = readFileSync(file);
    const refusal = expect.objectContaining({ code: "log.other-version", details: { file, version: 99 } });
    expect(() => openSqliteSessionLog(file)).toThrow(refusal);
    expect(readFileSync(file)).toEqual(before);
  });

  it("is rejected when it belongs to another program, and left unchanged", () => {
    const file = freshFile();
    changeFile(file, "CREATE TABLE theirs (x)");
    const before = readFileSync(file);
    expect(() => openSqliteSessionLog(file)).toThrow(expect.objectContaining({ code: "log.corrupt" }));
    expect(readFileSync(file)).toEqual(before);
  });

  it("is rejected when it is not a database", () => {
    const file = freshFile();
    writeFileSync(file, "Dear diary, ".repeat(1_000));
    const refusal = expect.objectContaining({ code: "log.corrupt", message: expect.stringContaining(file) });
    expect(() => openSqliteSessionLog(file)).toThrow(refusal);
  });

  it("is rejected when its directory does not exist", () => {
    const file = join(freshFile(), "missing", "spine.db");
    const refusal = expect.objectContaining({
      code: "log.unavailable",
      message: expect.stringContaining(file),
    });
    expect(() => openSqliteSessionLog(file)).toThrow(refusal);
  });

  it("returns log.unavailable for every call once it is closed", async () => {
    const log = openForTest(freshFile());
    log.close();
    const refusal = { code: "log.unavailable" };
    const key = freshKey();
    await expect(log.append(key, commit(1))).rejects.toMatchObject(refusal);
    await expect(log.readTail(key)).rejects.toMatchObject(refusal);
    await expect(log.readMarker(key, "s", "i")).rejects.toMatchObject(refusal);
    await expect(log.blobs.get("key")).rejects.toMatchObject(refusal);
    expect(() => log.unrelayed(1)).toThrow(expect.objectContaining(refusal));
  });
});

describe("the relay's cursor", () => {
  it("returns commits of all sessions in the order of appending, in pages", async () => {
    const log = openForTest(freshFile());
    const [one, other] = [freshKey(), freshKey()];
    await appendAll(log, one, [commit(1)]);
    await appendAll(log, other, [commit(1, 2, { snapshot: true })]);
    await appendAll(log, one, [commit(2)]);
    const [first, second, ...rest] = log.unrelayed(2);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ ...one, commit: commit(1) });
    expect(second).toMatchObject({ ...other, commit: commit(1, 2, { snapshot: true }) });
    log.markRelayed(second?.position ?? 0);
    expect(log.unrelayed(10)).toMatchObject([{ ...one, commit: commit(2) }]);
  });

  it("returns the same commits until they are marked, also after a restart, and continues there", async () => {
    const file = freshFile();
    const log = openForTest(file);
    await appendAll(log, freshKey(), [commit(1), commit(2), commit(3)]);
    const [first] = log.unrelayed(1);
    expect(log.unrelayed(1)).toEqual([first]);
    log.markRelayed(first?.position ?? 0);
    log.close();
    expect(
      openForTest(file)
        .unrelayed(10)
        .map((record) => record.commit.first),
    ).toEqual([2, 3]);
  });

  it("never goes back", async () => {
    const log = openForTest(freshFile());
    await appendAll(log, freshKey(), [commit(1), commit(2)]);
    const [first, second] = log.unrelayed(10);
    log.markRelayed(second?.position ?? 0);
    log.markRelayed(first?.position ?? 0);
    expect(log.unrelayed(10)).toEqual([]);
  });

  it("returns the positions that the listeners get", async () => {
    const log = openForTest(freshFile());
    const heard: unknown[] = [];
    log.onAppend((record) => heard.push(record));
    const key = freshKey();
    await appendAll(log, key, [commit(1), commit(2)]);
    expect(heard).toEqual(log.unrelayed(10));
  });
});
