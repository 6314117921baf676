import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { isSpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import { defineAgent, defineFlow, defineScorer, reply, sequence, step, type Scorer } from "#core/index.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Score, ScoredCase } from "#core/scoring/scorer.ts";
import { createMemoryScores } from "#memory/memory-scores.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import type { Scores } from "#ports/scores.ts";
import { createScoring } from "#runtime/scoring/create-scoring.ts";
import { readBeforeReply } from "#runtime/scoring/read-before-reply.ts";
import { inProcessSpine } from "#testing/index.ts";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const flow = defineFlow({ name: "greeting", on: "Greeted", plan: sequence(step(greeter), reply("greeter")) });
const agents = [greeter.implement(({ context }) => ({ text: `Hello ${JSON.stringify(context.input)}` }))];

const log = createMemorySessionLog();
const key = parseSessionKey({ tenant: "local", session: "s1" });
const advances: SessionAdvanced[] = [];
beforeAll(async () => {
  const spine = inProcessSpine({ flows: [flow], agents, log, onAdvance: (one) => void advances.push(one) });
  for (const who of ["Ada", "Grace"]) await spine.ask("Greeted", { who }, { session: "s1" });
  await spine.idle();
  await spine.close();
});
const replies = () => advances.filter(({ types }) => types.includes("ReplySent"));

const NOW = 1_900_000_000_000;
const clock = createMovableClock(NOW);
/** What was kept after every commit has come, and what went wrong. */
async function scoreAll(scorers: readonly Scorer[], scores: Scores = createMemoryScores(), known?: Scores) {
  const score = createScoring(scorers, { log, scores, clock, ...(known !== undefined && { known }) });
  const troubles: unknown[] = [];
  for (const advance of advances) troubles.push(...(await score(key, advance, clock.now() + 1_000)));
  return { kept: await scores.read(key, { limit: 100 }), troubles };
}
const answered = defineScorer({ name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) });

describe("scoring what is published", () => {
  it("keeps one score a reply and scorer, with the time of the reply and the scorer's version", async () => {
    const tone = defineScorer({
      name: "tone",
      version: "2",
      labels: ["dry"],
      scores: () => ({ score: 0.25, label: "dry" }),
    });
    const { kept, troubles } = await scoreAll([answered, tone]);
    expect(troubles).toEqual([]);
    expect(kept).toEqual(
      replies().flatMap(({ last, time, events }) => {
        const at = Number(events.find((event) => event["type"] === "ReplySent")?.["sequence"] ?? last);
        return [
          { sequence: at, scorer: "answered", score: 1, time },
          { sequence: at, scorer: "tone", version: "2", score: 0.25, label: "dry", time },
        ];
      }),
    );
    expect(kept).toHaveLength(4);
  });

  it("keeps the first score where a commit comes twice, and asks a scorer once where what is kept can be read", async () => {
    let asked = 0;
    const counting = defineScorer({ name: "counting", scores: () => ({ score: 1 / (asked += 1) }) });
    const scores = createMemoryScores();
    await scoreAll([counting], scores);
    const { kept } = await scoreAll([counting], scores);
    expect([asked, kept.map(({ score }) => score)]).toEqual([4, [1, 0.5]]);
    await scoreAll([counting], scores, scores);
    expect(asked).toBe(4);
  });

  it("shows a scorer what the offline one sees: flow, input and the events before", async () => {
    const seen: unknown[] = [];
    const looking = defineScorer({
      name: "looking",
      scores: ({ reply, input, events }) =>
        void seen.push([
          reply.flow,
          input.data,
          events[0]?.sequence,
          events.at(-1)?.sequence === reply.sequence,
        ]),
    });
    expect((await scoreAll([looking])).kept).toEqual([]);
    expect(seen).toEqual([
      ["greeting", { who: "Ada" }, 1, true],
      ["greeting", { who: "Grace" }, 1, true],
    ]);
  });

  it("shows a scorer no value that the session's tenant declared as personal", async () => {
    const seen: unknown[] = [];
    const looking = defineScorer({ name: "looking", scores: (of) => void seen.push(of) });
    const { readings: _, ...stored } = log;
    const declared: typeof log = {
      ...stored,
      async readAfter(...asked) {
        const commits = await log.readAfter(...asked);
        return commits.map((one) => {
          const commit = JSON.parse(one.text) as { readonly seen: object };
          const text = JSON.stringify({ ...commit, seen: { ...commit.seen, personal: ["input.who"] } });
          return { ...one, text };
        });
      },
    };
    const score = createScoring([looking], { log: declared, scores: createMemoryScores(), clock });
    for (const advance of replies()) expect(await score(key, advance, clock.now() + 1_000)).toEqual([]);
    expect(seen).toHaveLength(2);
    expect(JSON.stringify(seen.map((of) => (of as ScoredCase).input))).not.toMatch(/Ada|Grace/);
  });

  it("reads nothing for a commit without a reply", async () => {
    const silent = createScoring([answered], {
      log: { ...log, readAfter: () => Promise.reject(new Error("read")) },
      scores: createMemoryScores(),
      clock,
    });
    expect(await silent(key, { first: 1, last: 1, time: 0, types: ["InputAccepted"] }, NOW)).toEqual([]);
  });

  it("keeps the scores of others where one throws, is no number, or hangs, and quotes nothing", async () => {
    const bad = [
      defineScorer({
        name: "throws",
        scores() {
          throw new TypeError("Ada said so");
        },
      }),
      defineScorer({ name: "two", scores: () => ({ score: 2 }) }),
      defineScorer({ name: "text", scores: () => JSON.parse('{"score": "Ada"}') as Score }),
      defineScorer({ name: "said", labels: ["fine"], scores: () => ({ score: 1, label: "Ada" }) }),
    ];
    const { kept, troubles } = await scoreAll([...bad, answered]);
    expect(kept.map(({ scorer }) => scorer)).toEqual(["answered", "answered"]);
    expect(troubles).toHaveLength(8);
    for (const trouble of troubles) {
      expect(isSpineError(trouble, "setting.invalid")).toBe(true);
      expect(String(trouble)).not.toContain("Ada");
    }
    expect(String(troubles[0])).toContain("TypeError");
  });

  it("gives up on a scorer that hangs when its time is over, and keeps what others said", async () => {
    const hangs = defineScorer({ name: "hangs", scores: () => new Promise(() => undefined) });
    const scores = createMemoryScores();
    const score = createScoring([hangs, answered], { log, scores, clock });
    const [advance] = replies();
    if (advance === undefined) throw new Error("no reply");
    const troubles = await clock.runUntil(score(key, advance, clock.now() + 1_000));
    expect(troubles.map(String)).toEqual([expect.stringContaining("hangs of local/s1")]);
    expect(await scores.read(key, { limit: 5 })).toHaveLength(1);
  });

  it("keeps no label of a scorer that declares none", async () => {
    const free = defineScorer({ name: "free", scores: () => ({ score: 1, label: "Ada" }) });
    const { kept, troubles } = await scoreAll([free]);
    expect(troubles).toEqual([]);
    expect(kept.map((one) => "label" in one)).toEqual([false, false]);
  });

  it.each([
    ["none", []],
    ["one name twice", [answered, answered]],
    ["one that is not defined", [{ ...answered, name: "Not A Name" }]],
  ])("refuses %s", (_, scorers) => {
    expect(() => createScoring(scorers, { log, scores: createMemoryScores(), clock })).toThrow(
      expect.objectContaining({ code: "setting.invalid" }),
    );
  });
});

describe("what is read before a reply", () => {
  it("is bounded, and has the commit that it replies to however long ago that is", async () => {
    const [, second] = replies();
    const first = advances[0];
    if (second === undefined || first === undefined) throw new Error("no reply");
    const all = await readBeforeReply(log, key, second);
    expect(all.map((commit) => commit.first)).toEqual(
      advances.filter(({ last }) => last <= second.last).map((advance) => advance.first),
    );
    const before = all.at(-1)?.events.find(({ type }) => type === "ReplySent");
    const to = before?.type === "ReplySent" ? before.data.to : 0;
    const narrow = await readBeforeReply(log, key, second, 0);
    expect(narrow.map((commit) => commit.last >= to && commit.first <= to)).toEqual([true, false]);
  });
});
