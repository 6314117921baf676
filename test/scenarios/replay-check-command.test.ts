import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { inProcessSpine, replay } from "#testing/index.ts";
import { playSample } from "../../scripts/start/play-sample.ts";
import { SAMPLES } from "../../scripts/start/samples.ts";
import { careAgents } from "../support/care-agents.ts";
import { inProcessClient } from "../support/in-process-client.ts";
import { runCommand } from "../support/run-command.ts";
import { runScript } from "../support/run-script.ts";

const dir = mkdtempSync(join(tmpdir(), "replay-check-"));
const files = SAMPLES.map(({ name }) => join(dir, `${name}.json`));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// Every sample, played once and exported as a user would.
beforeAll(async () => {
  const spine = inProcessSpine({ ...customerCareApplication, agents: careAgents(createMemoryCalendar()) });
  const client = inProcessClient(spine, "samples");
  for (const [at, sample] of SAMPLES.entries()) {
    const { tenant } = spine.key(sample.name);
    await playSample(client, sample, sample.name, { caller: { tenant, source: "samples" } });
    await runCommand(client, "export", sample.name, "--out", files[at] ?? "");
  }
  await spine.close();
});

/** The first exported session, with something changed in its text. */
function altered(from: RegExp | string, to: string): string {
  const file = join(dir, "altered.json");
  const text = readFileSync(files[0] ?? "", "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
  return file;
}

describe("replay-check", () => {
  it("finds no difference in the sample's sessions, decided by this tree", async () => {
    const { status, stdout, stderr } = await runScript("replay-check.ts", files);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      new RegExp(`^${files.length} sessions, [1-9]\\d* decisions: 0 would be others now\n$`),
    );
    expect(status).toBe(0);
  });

  it("names each decision that would be another one, and ends with 1", async () => {
    const file = altered(/"branch":"[^"]*"/, `"branch":"when/9"`);
    const { status, stdout } = await runScript("replay-check.ts", [file, "--json"]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({
      session: SAMPLES[0]?.name,
      problem: expect.stringContaining(`ChoiceMade: branch was "when/9"`) as string,
    });
    expect(lines.at(-1)).toMatchObject({ sessions: 1 });
    expect(status).toBe(1);
  });

  it("rejects what it cannot use, naming field and repair", async () => {
    const cases = [
      [() => altered(`"first":1,`, `"first":2,`), /commits\.0: .* Give a file that `spine export` wrote/],
      [() => altered(`"redacted":true`, `"redacted":"no"`), /redacted: is not a boolean/],
      [() => join(dir, "none.json"), /none\.json: .*Give a file/],
    ] as const;
    for (const [fileOf, problem] of cases) {
      const { status, stderr } = await runScript("replay-check.ts", [fileOf()]);
      expect(stderr).toMatch(problem);
      expect(status).toBe(2);
    }
    expect(await runScript("replay-check.ts", [])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^replay-check: FILES: is missing\. Give/) as string,
    });
  });
});

describe("replay in a test", () => {
  const recorded = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

  it("finds no difference with the same application, and those that an edit makes", () => {
    for (const file of files) expect(replay(recorded(file), customerCareApplication)).toEqual([]);
    const flows = customerCareApplication.flows.map((flow) => ({ ...flow, if: "false" }));
    const differences = replay(recorded(files[0] ?? ""), { ...customerCareApplication, flows });
    expect(differences[0]?.problem).toMatch(/^InputAccepted: disposition was "triggers"/);
  });

  it.each<[string, unknown, RegExp]>([
    ["another format", { format: "x" }, /^format: is not "event-spine\.session\/1"/],
    ["nothing", null, /^format: /],
    ["no commits", { format: "event-spine.session/1", redacted: true }, /^commits: is not a list/],
    [
      "a gap",
      { format: "event-spine.session/1", redacted: true, tenant: "t", session: "s", commits: [{}] },
      /^commits\.0: /,
    ],
  ])("rejects %s", (_, value, message) => {
    expect(() => replay(value, customerCareApplication)).toThrow(message);
  });
});
