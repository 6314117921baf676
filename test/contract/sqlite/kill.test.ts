import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { freshFile, openForTest } from "./log-file.ts";

const WRITER = fileURLToPath(new URL("append-for-ever.ts", import.meta.url));

/** Starts a writer, waits until it has had `lines` acknowledgements, acts, kills it; returns all it printed. */
async function killedAfter(
  file: string,
  lines: number,
  before = () => undefined,
): Promise<readonly string[]> {
  const writer = spawn(process.execPath, [WRITER, file], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(writer, "close");
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    writer.once("exit", (code) => reject(new Error(`the writer ended by itself: ${code}`)));
    writer.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
      if (printed.split("\n").length > lines) resolve();
    });
  });
  try {
    before();
  } finally {
    writer.kill("SIGKILL");
    await closed;
  }
  // Without its last line's end a line may be cut off.
  return printed.slice(0, printed.lastIndexOf("\n")).split("\n");
}

describe("a writer that is killed", () => {
  it("leaves every acknowledged commit in the file, without a gap, however often it is killed", async () => {
    const file = freshFile();
    const acknowledged = new Map<string, number>();
    for (const lines of [1, 20, 150]) {
      for (const line of await killedAfter(file, lines)) {
        const [result, session = "", first] = line.split(" ");
        expect(result).toBe("committed");
        expect(Number(first)).toBeGreaterThan(acknowledged.get(session) ?? 0);
        acknowledged.set(session, Number(first));
      }

      const log = openForTest(file);
      for (const [session, newest] of acknowledged) {
        const commits = await log.readTail(parseSessionKey({ tenant: "tenant", session }));
        expect(commits.length).toBeGreaterThanOrEqual(newest);
        expect(commits.map(({ first }) => first)).toEqual(commits.map((_, index) => index + 1));
        for (const { first, text } of commits) expect(text).toBe(`${session} ${first}`.repeat(100));
      }
      log.close();
    }
    expect([...acknowledged.keys()].sort()).toEqual(["a", "b", "c"]);
  });

  it("keeps the file locked while it lives", async () => {
    const file = freshFile();
    await killedAfter(file, 1, () => {
      const refusal = expect.objectContaining({
        code: "log.unavailable",
        message: expect.stringContaining(file),
      });
      expect(() => openSqliteSessionLog(file)).toThrow(refusal);
    });
    expect((await openForTest(file).sessions()).length).toBeGreaterThan(0);
  });
});
