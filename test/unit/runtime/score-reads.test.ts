import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createSpineClient } from "#client/client.ts";
import { createClient } from "#client/index.ts";
import { parseSessionKey } from "#core/ids.ts";
import { defineAgent, defineFlow, defineScorer, reply, sequence, step } from "#core/index.ts";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import { createMemoryScores } from "#memory/memory-scores.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createScoreReads } from "#runtime/doors/http/score-reads.ts";
import { inProcessCall, inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import type { Right } from "#core/rights.ts";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const flow = defineFlow({ name: "greeting", on: "Greeted", plan: sequence(step(greeter), reply("greeter")) });
const agents = [greeter.implement(() => ({ text: "Hello" }))];

const SCORES = 450;
const scored = (sequence: number): KeptScore => ({ sequence, scorer: "tone", score: 1, time: 7 });

describe("the scores of a session over HTTP", () => {
  let spine: InProcessSpine;
  beforeAll(async () => {
    spine = inProcessSpine({ flows: [flow], agents });
    for (const session of ["s1", "s2"]) await spine.ask("Greeted", {}, { session });
    for (let at = 1; at <= SCORES; at += 1) await spine.scores.put(spine.key("s1"), scored(at));
  });
  const get = (path: string, { tenant = "local", rights = ["read"] as readonly Right[] } = {}) => {
    const scores = createScoreReads(spine.engine, spine.scores);
    const http = createHttpIngress(spine.engine, { scores: () => Promise.resolve(scores) });
    const [pathname = "", search = ""] = path.split("?");
    const query = Object.fromEntries(new URLSearchParams(search));
    const caller = { tenant: parseSessionKey({ tenant, session: "any" }).tenant, source: "test", rights };
    return http({ method: "GET", path: pathname, query, headers: {}, caller });
  };

  it("come in pages, each of which says where the next begins", async () => {
    const sequences: number[] = [];
    let path: string | undefined = "/sessions/s1/scores";
    let pages = 0;
    while (path !== undefined) {
      const { status, body, headers } = await get(path);
      expect(status).toBe(200);
      const page = JSON.parse(body) as { readonly session: string; readonly scores: readonly KeptScore[] };
      expect(page.scores.length).toBeLessThanOrEqual(200);
      sequences.push(...page.scores.map(({ sequence }) => sequence));
      path = /<([^>]+)>; rel="next"/.exec(headers["link"] ?? "")?.[1];
      pages += 1;
    }
    expect(pages).toBe(3);
    expect(sequences).toEqual(Array.from({ length: SCORES }, (_, at) => at + 1));
  });

  it("are none for a session without any, and for a session of another tenant nothing", async () => {
    expect(JSON.parse((await get("/sessions/s2/scores")).body)).toEqual({ session: "s2", scores: [] });
    expect((await get("/sessions/s1/scores", { tenant: "other" })).status).toBe(404);
    expect((await get("/sessions/never/scores")).status).toBe(404);
  });

  it("need the right to read, and a cursor that was given", async () => {
    expect((await get("/sessions/s1/scores", { rights: ["send"] })).status).toBe(403);
    expect((await get("/sessions/s1/scores?cursor=12")).status).toBe(400);
  });

  it("are read by both clients, and refused by name where nothing is scored", async () => {
    const call = inProcessCall(spine);
    expect(await createSpineClient(call).scores("s1")).toHaveLength(SCORES);
    expect((await createClient({ call }).session("s1").scores()).at(-1)).toEqual(scored(SCORES));
    const bare = createHttpIngress(spine.engine);
    const caller = { tenant: spine.key("s1").tenant, source: "test", rights: ["read"] as const };
    const refused = await bare({
      method: "GET",
      path: "/sessions/s1/scores",
      query: {},
      headers: {},
      caller,
    });
    expect([refused.status, refused.body]).toEqual([
      404,
      expect.stringContaining("Deploy it with `scorers`"),
    ]);
  });
});

describe("scorers of a spine in this process", () => {
  const answered = defineScorer({
    name: "answered",
    scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }),
  });

  it("score each reply after it, and once, also when the log is read from its beginning again", async () => {
    let asked = 0;
    const counting = defineScorer({
      name: "counting",
      scores: () => {
        asked += 1;
        return { score: 1 };
      },
    });
    const scores = createMemoryScores();
    const spine = inProcessSpine({ flows: [flow], agents, scorers: [answered, counting], scores });
    await spine.ask("Greeted", {}, { session: "s1" });
    await spine.ask("Greeted", {}, { session: "s1" });
    await spine.idle();
    expect((await scores.read(spine.key("s1"), { limit: 9 })).map(({ scorer }) => scorer)).toEqual([
      ...["answered", "counting", "answered", "counting"],
    ]);
    expect(asked).toBe(2);
    await spine.close();
  });

  it("keep no reply waiting: one that hangs, and one that throws, which is told", async () => {
    const troubles: string[] = [];
    const hangs = defineScorer({ name: "hangs", scores: () => new Promise(() => undefined) });
    const throws = defineScorer({
      name: "throws",
      scores() {
        throw new Error("no");
      },
    });
    const spine = inProcessSpine({
      flows: [flow],
      agents,
      scorers: [throws],
      onTrouble: (error) => void troubles.push(String(error)),
    });
    expect(await spine.ask("Greeted", {}, { session: "s1" })).toEqual({ text: "Hello" });
    await spine.idle();
    expect(troubles).toEqual([expect.stringContaining("throws of local/s1")]);
    await spine.close();
    const held = inProcessSpine({ flows: [flow], agents, scorers: [hangs, answered] });
    expect(await held.ask("Greeted", {}, { session: "s1" })).toEqual({ text: "Hello" });
    expect(await held.ask("Greeted", {}, { session: "s1" })).toEqual({ text: "Hello" });
    await held.close();
  });
});
