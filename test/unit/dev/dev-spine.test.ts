import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineAgent, type Agent } from "#core/contract.ts";
import { defineFlow, human, reply, sequence, step } from "#core/flow/build.ts";
import type { Json } from "#core/json.ts";
import { defineScorer, type Scorer } from "#core/scoring/scorer.ts";
import { RIGHTS } from "#core/rights.ts";
import { openDevSpine, type DevSpine } from "../../../scripts/dev/dev-spine.ts";
import { TENANT } from "../../../scripts/start/tenant.ts";
import type { RunnableApplication } from "#testing/in-process/in-process-spine.ts";

const greeterWith = (output: z.ZodType<{ text: string }>) =>
  defineAgent({ name: "greeter", reads: ["input"], output });
const greeter = greeterWith(z.object({ text: z.string() }));
const saying = (text: string, contract = greeter): Agent => contract.implement(() => ({ text }));
const closer = defineAgent({ name: "closer", reads: ["input"], output: z.string() });

const greeting = (contract = greeter) =>
  defineFlow({
    name: "greeting",
    on: "Asked",
    plan: sequence(human({ ask: "Shall we?", into: "said" }), step(contract), reply("greeter.text")),
  });

let data: string;
let spine: DevSpine;
const troubles: string[] = [];
const open = (application: RunnableApplication) =>
  openDevSpine({ application, data, onTrouble: (error) => void troubles.push(String(error)) });

const caller = { tenant: TENANT, source: "tests", rights: RIGHTS };
async function call(
  method: string,
  path: string,
  body?: Json,
  wait = 5,
): Promise<{ status: number; body: never }> {
  const headers = { "content-type": "application/json", prefer: `wait=${wait}` };
  const [pathname = "", search = ""] = path.split("?");
  const query = Object.fromEntries(new URLSearchParams(search));
  const request = { method, path: pathname, query, headers, body: JSON.stringify(body), caller };
  const answer = await spine.handle(request, new AbortController().signal);
  if ("frames" in answer) throw new Error("a stream");
  return { status: answer.status, body: JSON.parse(answer.body) as never };
}

/** Begins a session that asks a person, and gives the question's id. */
async function begin(session: string): Promise<string> {
  const { body } = await call(
    "POST",
    `/sessions/${session}/events`,
    { type: "Asked", data: { who: "Ada" } },
    0,
  );
  expect(body).toMatchObject({ disposition: "triggers" });
  const { body: state } = await call("GET", `/sessions/${session}/explain`);
  return (state as { asks: [{ ask: string }] }).asks[0].ask;
}
const goOn = async (session: string, ask: string) =>
  (await call("POST", `/sessions/${session}/asks/${ask}`, { value: true })).body;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "dev-spine-"));
  troubles.length = 0;
  spine = await open({ flows: [greeting()], agents: [saying("Hello")] });
});
afterEach(async () => {
  await spine.close();
  rmSync(data, { recursive: true });
});

describe("a spine whose application is exchanged while it runs", () => {
  it("calls the new agents in sessions under way, whose runs keep their flow", async () => {
    const ask = await begin("s1");
    const shorter = defineFlow({
      name: "greeting",
      on: "Asked",
      plan: sequence(step(closer), reply("closer")),
    });
    const agents = [saying("Good day"), closer.implement(() => "Bye")];
    expect(await spine.exchange({ flows: [shorter], agents })).toEqual([]);
    expect(await goOn("s1", ask)).toMatchObject({ reply: { body: "Good day" } });
    const { body } = await call("POST", "/sessions/s2/events", { type: "Asked", data: 1 });
    expect(body).toMatchObject({ reply: { body: "Bye" } });
  });

  it("scores replies by the application's scorers, keeps the scores over a restart, and asks nobody twice", async () => {
    let asked = 0;
    const scorerOf = (name: string) =>
      defineScorer({
        name,
        scores: () => {
          asked += 1;
          return { score: 0.5 };
        },
      });
    const withScorers = (...scorers: readonly Scorer[]) => ({
      ...{ flows: [greeting()], agents: [saying("Hello")] },
      scorers,
    });
    const scoresOf = async () =>
      (await call("GET", "/sessions/s1/scores")).body as { scores: { scorer: string }[] };
    expect(await spine.exchange(withScorers(scorerOf("one")))).toEqual([]);
    await goOn("s1", await begin("s1"));
    await expect.poll(scoresOf).toMatchObject({ scores: [{ scorer: "one", score: 0.5 }] });
    await spine.close();
    spine = await open(withScorers(scorerOf("one"), scorerOf("two")));
    expect(await scoresOf()).toMatchObject({ scores: [{ scorer: "one" }] });
    await begin("s1");
    await expect
      .poll(async () => (await scoresOf()).scores.map(({ scorer }) => scorer))
      .toEqual(["one", "two"]);
    expect([asked, troubles]).toEqual([2, []]);
  });

  it("refuses scorers of one name, and goes on as before", async () => {
    const one = defineScorer({ name: "one", scores: () => undefined });
    const next = { flows: [greeting()], agents: [saying("Bye")], scorers: [one, one] };
    await expect(spine.exchange(next)).rejects.toMatchObject({ code: "setting.invalid" });
    expect(await goOn("s1", await begin("s1"))).toMatchObject({ reply: { body: "Hello" } });
  });

  it("keeps the old application where a session could not go on, and names it", async () => {
    const ask = await begin("s1");
    const without = defineFlow({
      name: "greeting",
      on: "Asked",
      plan: sequence(step(closer), reply("closer")),
    });
    const unfit = await spine.exchange({ flows: [without], agents: [closer.implement(() => "Bye")] });
    expect(unfit).toMatchObject([{ session: "s1", flows: [{ flow: "greeting", agent: "greeter" }] }]);
    expect(await goOn("s1", ask)).toMatchObject({ reply: { body: "Hello" } });
    expect(await spine.exchange({ flows: [without], agents: [closer.implement(() => "Bye")] })).toEqual([]);
  });

  it("changes nothing when a flow is not sound", async () => {
    const unsound = defineFlow({ name: "greeting", on: "Asked", plan: reply("nobody.text") });
    await expect(spine.exchange({ flows: [unsound], agents: [] })).rejects.toMatchObject({
      code: "flow.invalid",
    });
    expect(await goOn("s1", await begin("s1"))).toMatchObject({ reply: { body: "Hello" } });
  });

  it("gives an agent the time of its new contract", async () => {
    const slow = defineAgent({ name: "greeter", output: z.object({ text: z.string() }), timeoutMs: 900_000 });
    await spine.exchange({ flows: [greeting(slow)], agents: [saying("Slow", slow)] });
    expect(await goOn("s1", await begin("s1"))).toMatchObject({ reply: { body: "Slow" } });
    expect(troubles).toEqual([]);
  });
});

describe("a spine that is started again", () => {
  it("goes on with its sessions, lists them, and names those that lack an agent", async () => {
    const ask = await begin("s1");
    await spine.close();
    spine = await open({ flows: [], agents: [] });
    expect(spine).toMatchObject({ sessions: 1, resumed: 1, unfit: [{ session: "s1" }] });
    await spine.close();
    spine = await open({ flows: [greeting()], agents: [saying("Again")] });
    expect(spine.unfit).toEqual([]);
    expect((await call("GET", "/sessions")).body).toMatchObject({
      sessions: [{ session: "s1", state: "asking" }],
    });
    expect(await goOn("s1", ask)).toMatchObject({ reply: { body: "Again" } });
  });
});

describe("what operators read of it", () => {
  it("tells how agents and queues do, and lists dead letters", async () => {
    await goOn("s1", await begin("s1"));
    const { body } = await call("GET", "/health");
    expect(body).toMatchObject({
      agents: [{ agent: "greeter", answers: 1, failures: 0, breaker: "closed" }],
    });
    expect((await call("GET", "/dead-letters")).body).toEqual({ letters: [] });
  });
});
