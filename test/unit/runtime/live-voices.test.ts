import { describe, expect, it } from "vitest";
import type { DialectName } from "#core/session/dialects/dialect-names.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import { initialState } from "#core/session/state.ts";
import { createDialectVoice } from "#runtime/doors/stream/dialect-voice.ts";
import { World } from "#testing/given-when-then.ts";
import { createBench, writing } from "./engine.ts";

/** A run whose agent is at work, told up to there. */
async function atWork(name: DialectName, live = true) {
  const { application } = createBench({ flows: [writing] }).engine;
  const world = new World(application);
  world.event("Asked", {}, live ? { live: true } : {});
  const { tenant, session } = world.state;
  const flowsOf = () => Promise.resolve(application);
  const voice = createDialectVoice(name, { after: 0, state: initialState(tenant, session), flowsOf });
  const tell = async (from: number): Promise<readonly string[]> => {
    const texts: string[] = [];
    for (const commit of world.commits.slice(from))
      for await (const { text } of voice.commit(commit)) texts.push(text);
    return linesIn(texts.join(""));
  };
  voice.begin(world.commits[0]);
  await tell(0);
  const [order] = world.orders;
  if (order === undefined) throw new Error("Nobody is at work.");
  const { task, attempt, agent } = order;
  const says = (n: number, said: Partial<LiveRecord>) => {
    const at = { run: Object.keys(world.state.runs).join(), step: "plan" };
    return linesIn(voice.live({ task, attempt, ...at, agent, n, ...said }));
  };
  const answers = (text: string) => {
    world.answer(agent, { text });
    return tell(1);
  };
  return { says, answers };
}

const linesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => {
    if (data === "[DONE]") return data;
    const { type, delta, value } = JSON.parse(data) as Readonly<Record<string, unknown>>;
    return [type, typeof delta === "string" ? delta : undefined, (value as { n?: number } | undefined)?.n]
      .filter((one) => one !== undefined)
      .join(" ");
  });

describe("what an agent says while it works", () => {
  it("is a message of AG-UI that its outcome finishes", async () => {
    const { says, answers } = await atWork("ag-ui");
    expect(says(1, { text: "Once " })).toEqual(["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT Once "]);
    expect(says(3, { text: "Once upon " })).toEqual(["TEXT_MESSAGE_CONTENT upon "]);
    expect(says(2, { text: "Once upon a time" })).toEqual([]);
    expect(says(4, { text: "Never" })).toEqual([]);
    expect(says(5, { partial: { pages: 1 } })).toEqual(["CUSTOM 5"]);
    const told = await answers("Once upon a time");
    expect(told).toEqual(expect.arrayContaining(["TEXT_MESSAGE_CONTENT a time", "TEXT_MESSAGE_END"]));
    expect(told.filter((one) => one === "TEXT_MESSAGE_START")).toEqual([]);
  });

  it("is a message of AG-UI that is taken back where its outcome says something else", async () => {
    const { says, answers } = await atWork("ag-ui");
    says(1, { text: "Never" });
    const told = await answers("Once");
    const at = told.indexOf("TEXT_MESSAGE_END");
    expect(told.slice(at - 1, at + 3)).toEqual([
      "CUSTOM",
      "TEXT_MESSAGE_END",
      "TEXT_MESSAGE_START",
      "TEXT_MESSAGE_CONTENT Once",
    ]);
  });

  it("is a part of the AI SDK's message that its outcome replaces", async () => {
    const { says, answers } = await atWork("ui-messages");
    expect(says(1, { text: "Once " })).toEqual(["text-start", "text-delta Once "]);
    expect(says(2, { text: "Once upon ", data: "b" })).toEqual(["text-delta upon ", "data-progress"]);
    const told = await answers("Once upon a time");
    expect(told.slice(0, 4)).toEqual(["reset-step", "text-start", "text-delta Once upon a time", "text-end"]);
    expect(told.at(-1)).toBe("[DONE]");
  });

  it("is told of nobody who was not asked for it", async () => {
    const { says } = await atWork("ui-messages", false);
    expect(says(1, { text: "Once " })).toEqual([]);
  });
});
