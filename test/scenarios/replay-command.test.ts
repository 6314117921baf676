import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { FIXTURES } from "../unit/replay/fixture.ts";

const run = (script: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [join("scripts", script), ...args], { encoding: "utf8" });

describe("the replay command", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "replay-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("ends with one line of JSON, and leaves a log that passes the check", () => {
    const dump = join(dir, "log.json");
    const { stdout, status } = run(
      "replay.ts",
      FIXTURES,
      "--in-process",
      "--rush",
      "--duplicates",
      "0.2",
      "--json",
      "--dump",
      dump,
    );
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      dialogues: 4,
      turns: 30,
      calls: { expected: 14, made: 14, exact: 14, byReference: 6 },
      states: { expected: 33, matched: 33 },
      duplicates: { injected: 6, applied: 0 },
      gaps: 0,
      lost: 0,
      reference: { calls: 14, equal: 14 },
    });
    expect(status).toBe(0);
    const check = run("check-log.ts", dump);
    expect(check.stdout).toMatch(/^4 sessions, \d+ events: 0 gaps, 0 duplicates applied, 0 lost\n$/);
    expect(check.status).toBe(0);

    writeFileSync(dump, readFileSync(dump, "utf8").replaceAll("Lofoten", "Senja"));
    const altered = run("check-log.ts", dump, "--json");
    expect(JSON.parse(altered.stdout)).toMatchObject({ sessions: 4, duplicates: 0 });
    expect(altered.status).toBe(1);
  });

  it("prints a summary for people", () => {
    const { stdout, stderr, status } = run("replay.ts", FIXTURES, "--in-process");
    expect(stdout).toMatch(/Cabins_1 +5 +5 +5 +1\n/);
    expect(stdout).toContain("reference  14 of 14 calls equal to the plain run's");
    expect(stderr).toContain("4 of 4 dialogues");
    expect(status).toBe(0);
  });

  it("fails when its log shows a duplicate", () => {
    const { stdout, status } = run(
      "replay.ts",
      FIXTURES,
      "--in-process",
      "--duplicates",
      "1",
      "--break",
      "dedup",
    );
    expect(stdout).toContain("Wrong:");
    expect(status).toBe(1);
  });

  it("rejects an unknown option", () => {
    const { stderr, stdout, status } = run("replay.ts", FIXTURES, "--fast");
    expect(stderr).toMatch(/^replay: Unknown option '--fast'/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  it("rejects a malformed folder with file, field, problem and repair", () => {
    writeFileSync(join(dir, "schema.json"), readFileSync(join(FIXTURES, "schema.json")));
    const text = readFileSync(join(FIXTURES, "dialogues_001.json"), "utf8");
    writeFileSync(join(dir, "dialogues_001.json"), text.replace('"utterance"', '"text"'));
    const { stderr, status } = run("replay.ts", dir);
    expect(stderr).toMatch(
      /^replay: \S+dialogues_001\.json: \[0\]\.turns\[0\]\.utterance: .+\. Give this field/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });

  it("leaves its check able to read a durable log, once its owner has released it", async () => {
    const file = join(dir, "log.db");
    const log = openSqliteSessionLog(file);
    const key = parseSessionKey({ tenant: "local", session: "s" });
    const text = JSON.stringify({ ...key, first: 2, last: 2, previous: "", events: [] });
    await log.append(key, { first: 2, last: 2, text, snapshot: false });
    await log.flows.put("h", '{"name":"visit"}');
    expect(run("check-log.ts", file).stderr).toMatch(/database is locked\. Stop the `npm start`/);
    log.close();
    const { stdout, status } = run("check-log.ts", file);
    expect(stdout).toMatch(/gap: local\/s: a commit starts at 2 where 1 must follow\n/);
    expect(stdout).toContain("1 sessions, 0 events: 2 gaps, 0 duplicates applied, 0 lost");
    expect(status).toBe(1);
  });

  it("rejects an invalid dump", () => {
    const file = join(dir, "log.json");
    writeFileSync(file, '{"sessions": [{"tenant": "local"}]}');
    const { stderr, status } = run("check-log.ts", file);
    expect(stderr).toMatch(/^check-log: \S+log\.json: sessions\.0\.session: .+\. Give a file that/);
    expect(status).toBe(2);
  });
});
