import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { defineFlow, transform } from "#core/flow/build.ts";
import { parseRecordedSession, recordedCommit } from "#core/session/recorded-session.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { runCommand } from "../../support/run-command.ts";

const noting = defineFlow({ name: "noting", on: "Noted", plan: transform({ note: "size(input.text)" }) });
const dir = mkdtempSync(join(tmpdir(), "export-"));
const spines: InProcessSpine[] = [];
afterEach(async () => {
  await Promise.all(spines.splice(0).map((spine) => spine.close()));
  rmSync(dir, { recursive: true, force: true });
});

async function noted(events: number, characters: number) {
  const spine = inProcessSpine({ flows: [noting], agents: [] });
  spines.push(spine);
  const client = inProcessClient(spine, "web");
  for (let n = 0; n < events; n += 1)
    await client.send("s1", { id: String(n), type: "Noted", data: { text: "x".repeat(characters) } });
  const commits = await spine.reader.allCommits(spine.key("s1"));
  const run = async (...args: readonly string[]) => runCommand(client, "export", ...args);
  return { client, commits, run, flows: spine.application.flows };
}

describe("spine export", () => {
  it("reads a log of many and of large commits page by page, each once", async () => {
    for (const [events, characters] of [
      [70, 10],
      [8, 200_000],
    ] as const) {
      const { client, commits, flows } = await noted(events, characters);
      const recorded = await client.recorded("s1");
      const whole = commits.map((commit) => withFlows(commit, flows));
      expect(recorded.commits).toEqual(whole.map((commit) => recordedCommit(commit, true)));
      expect(parseRecordedSession(recorded).redacted).toBe(true);
    }
  });

  it("writes what it read to a file, and says what is in it", async () => {
    const { run, commits } = await noted(2, 5);
    const file = join(mkdtempSync(join(tmpdir(), "export-")), "s1.json");
    const last = commits.at(-1)?.last ?? 0;
    expect(await run("s1", "--out", file)).toBe(
      `Wrote ${file}: ${last} events in ${commits.length} commits, without personal values.`,
    );
    expect(parseRecordedSession(JSON.parse(readFileSync(file, "utf8"))).commits).toHaveLength(commits.length);
    expect(await run("s1", "--out", file, "--with-personal")).toMatch(/with its personal values\.$/);
  });

  it("rejects a file that cannot be written, and a session without events", async () => {
    const { run, client } = await noted(1, 5);
    await expect(run("s1", "--out", join(dir, "none", "s1.json"))).rejects.toThrow(/^--out: .* Give a file/);
    await expect(client.recorded("nobody")).rejects.toMatchObject({ status: 404 });
    await expect(run("s1")).rejects.toThrow(/^--out: is missing/);
  });
});
