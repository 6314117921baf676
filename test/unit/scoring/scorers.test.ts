import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSpineError } from "#core/errors.ts";
import { scoreReplies } from "#core/scoring/score-replies.ts";
import { summarizeScores } from "#core/scoring/score-summary.ts";
import { defineScorer, type ScoredCase, type Scorer } from "#core/scoring/scorer.ts";
import type { Commit } from "#core/session/commit.ts";
import { RECORDED_FORMAT } from "#core/session/recorded-format.ts";
import { recordedCommit } from "#core/session/recorded-session.ts";
import { defineAgent, defineFlow, reply, sequence, step } from "#core/index.ts";
import { inProcessSpine, score } from "#testing/index.ts";
import { bounds, tooLow } from "../../../scripts/score/bounds.ts";
import { runScript } from "../../support/run-script.ts";
import * as z from "zod";

const greeter = defineAgent({
  name: "greeter",
  reads: ["input"],
  output: z.object({ text: z.string() }),
  retries: { max: 0, backoffMs: 0 },
});
const flow = defineFlow({ name: "greeting", on: "Greeted", plan: sequence(step(greeter), reply("greeter")) });
const agents = [
  greeter.implement(({ context }) => {
    const { who } = z.object({ who: z.string() }).parse(context.input);
    if (who === "nobody") throw new Error("There is nobody.");
    return { text: `Hello ${who}` };
  }),
];

let commits: readonly Commit[];
beforeAll(async () => {
  const spine = inProcessSpine({ flows: [flow], agents });
  for (const who of ["Ada", "nobody", "Grace"])
    await spine.ask("Greeted", { who }, { session: "s1" }).catch(() => "failed");
  commits = await spine.reader.allCommits(spine.key("s1"));
  await spine.close();
});
const failing = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "passed",
    (error: unknown) => error,
  );

describe("a scorer", () => {
  it("sees each reply with its flow, what it replies to, and the events before it", async () => {
    const seen: ScoredCase[] = [];
    await scoreReplies(commits, [defineScorer({ name: "all", scores: (of) => void seen.push(of) })]);
    expect(seen.map(({ input, reply }) => [input.data, reply.failed, reply.flow])).toEqual([
      [{ who: "Ada" }, false, "greeting"],
      [{ who: "nobody" }, true, "greeting"],
      [{ who: "Grace" }, false, "greeting"],
    ]);
    expect(seen[0]).toMatchObject({ input: { type: "Greeted" }, reply: { body: { text: "Hello Ada" } } });
    for (const { reply, events } of seen) {
      expect(events.at(-1)?.sequence).toBe(reply.sequence);
      expect(events[0]?.sequence).toBe(1);
    }
  });

  it("gives scores and labels, and says nothing about what is not its own", async () => {
    const scorer: Scorer = {
      name: "whole",
      scores: ({ reply }) =>
        Promise.resolve(
          reply.failed ? { score: 0, label: "failed" } : reply.sequence > 20 ? undefined : { score: 1 },
        ),
    };
    const scores = await scoreReplies(commits, [scorer]);
    expect(scores.map(({ score, label }) => [score, label])).toEqual([
      [1, undefined],
      [0, "failed"],
    ]);
    expect(scores[0]).toMatchObject({ scorer: "whole", session: "s1" });
  });

  it.each<readonly [string, Scorer["scores"], RegExp]>([
    [
      "throws",
      () => {
        throw new Error("no model");
      },
      /threw: no model/,
    ],
    ["scores above 1", () => ({ score: 1.1 }), /is 1\.1, not a number from 0 to 1/],
    ["scores NaN", () => ({ score: NaN }), /is NaN/],
    ["writes a sentence as a label", () => ({ score: 1, label: "Ada's address!" }), /has a label/],
  ])("that %s is an error that names the reply", async (_what, scores, problem) => {
    const error = await failing(scoreReplies(commits, [{ name: "bad", scores }]));
    expect(isSpineError(error, "setting.invalid") && error.message).toMatch(problem);
    expect(String(error)).toMatch(/bad of s1 \d+/);
    expect(String(error)).not.toContain("address");
  });

  it("has a name that may be part of others", () => {
    expect(() => defineScorer({ name: "No Name", scores: () => undefined })).toThrow(/names no scorer/);
  });

  it("gives no other label than those that it declares", async () => {
    const scorer: Scorer = { name: "tone", labels: ["dry"], scores: () => ({ score: 1, label: "warm" }) };
    const error = await failing(scoreReplies(commits, [scorer]));
    expect(String(error)).toContain("has a label that is not among its labels");
    const dry = { ...scorer, scores: () => ({ score: 1, label: "dry" }) };
    expect(await scoreReplies(commits, [dry])).toHaveLength(3);
  });

  it.each([
    [{ version: "1 or 2" }, /^version "1 or 2" is no version/],
    [{ labels: ["fine", "what she said!"] }, /^labels "what she said!" is no label/],
    [{ labels: Array.from({ length: 21 }, (_, at) => `l${at}`) }, /^labels 21 are too many/],
  ])("is refused with %j", (given, message) => {
    expect(() => defineScorer({ name: "tone", scores: () => undefined, ...given })).toThrow(message);
  });
});

describe("the summary of scores", () => {
  it("has mean, lowest and labels of each scorer", () => {
    const of = (scorer: string, score: number, label?: string) => ({
      scorer,
      session: "s",
      sequence: 1,
      score,
      ...(label !== undefined && { label }),
    });
    expect(summarizeScores([of("a", 1), of("b", 0.5, "x"), of("b", 0, "y"), of("b", 0.5, "y")])).toEqual([
      { scorer: "a", replies: 1, mean: 1, lowest: 1, labels: {} },
      { scorer: "b", replies: 3, mean: 0.333, lowest: 0, labels: { y: 2, x: 1 } },
    ]);
    expect(summarizeScores([])).toEqual([]);
  });
});

describe("a bound of scores", () => {
  const scorers = ["a", "b"].map((name): Scorer => ({ name, scores: () => undefined }));
  const summary = { scorer: "a", replies: 1, mean: 0.8, lowest: 0.8, labels: {} };

  it("is for all scorers, or for the one that it names", () => {
    expect(bounds(["b=0.9", "0.5"], scorers)).toEqual(
      new Map([
        ["a", 0.5],
        ["b", 0.9],
      ]),
    );
    expect(() => bounds(["1.5"], scorers)).toThrow("--least: 1.5 is no score");
    expect(() => bounds(["c=0.5"], scorers)).toThrow("no scorer is named c. There are: a, b.");
  });

  it("is missed by a lower mean, and by a scorer that scored nothing", () => {
    expect(tooLow([summary], new Map([["a", 0.8]]))).toEqual([]);
    expect(
      tooLow(
        [summary],
        new Map([
          ["a", 0.81],
          ["b", 0],
        ]),
      ),
    ).toEqual(["a has a mean of 0.8, below 0.81.", "b scored no reply."]);
  });
});

describe("npm run score", () => {
  const dir = mkdtempSync(join(tmpdir(), "score-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, "s1.json");
  const scorers = join(dir, "scorers.ts");
  const recorded = () => ({
    format: RECORDED_FORMAT,
    tenant: commits[0]?.tenant,
    session: "s1",
    redacted: true,
    commits: commits.map((commit) => recordedCommit(commit, false)),
  });
  beforeAll(() => {
    writeFileSync(file, JSON.stringify(recorded()));
    writeFileSync(
      scorers,
      'export const answered = { name: "answered", scores: ({ reply }) => reply.failed ? { score: 0, label: "failed" } : { score: 1 } };\nexport const note = "no scorer";\n',
    );
  });

  it("prints each score and each mean, and is a gate by --least", async () => {
    const passing = await runScript("score.ts", [file, "--scorers", scorers, "--least", "0.6"]);
    expect(passing.stderr).toBe("");
    expect(passing.stdout).toMatch(/s1\.json: \w+\/s1: event \d+: answered 1\n/);
    expect(passing.stdout).toMatch(/answered: mean 0\.667 of 3 replies, lowest 0, 1 failed\n$/);
    expect(passing.status).toBe(0);
    const missed = await runScript("score.ts", [
      file,
      "--scorers",
      scorers,
      "--least",
      "answered=0.9",
      "--json",
    ]);
    expect(missed.stderr).toBe("score: answered has a mean of 0.667, below 0.9.\n");
    expect(JSON.parse(missed.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
      mean: 0.667,
      replies: 3,
    });
    expect(missed.status).toBe(1);
  });

  it("says what is missing", async () => {
    expect(await runScript("score.ts", ["--scorers", scorers])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/FILES: is missing/) as string,
    });
    expect(await runScript("score.ts", [file])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--scorers: is missing/) as string,
    });
    writeFileSync(join(dir, "none.ts"), "export const a = 1;\n");
    expect(await runScript("score.ts", [file, "--scorers", join(dir, "none.ts")])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/exports no scorer/) as string,
    });
  });

  it("is a function in a test, over the content of a file", async () => {
    const scores = await score(JSON.parse(JSON.stringify(recorded())), [
      { name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) },
    ]);
    expect(scores.map((each) => each.score)).toEqual([1, 0, 1]);
    expect(isSpineError(await failing(Promise.resolve().then(() => score({}, []))), "input.malformed")).toBe(
      true,
    );
  });
});
