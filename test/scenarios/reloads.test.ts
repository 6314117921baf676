import { afterAll, beforeAll, expect, it } from "vitest";
import { agentThatSays, editedApp, type EditedApp } from "../../scripts/reload/edited-app.ts";
import { startDev, type DevProcess } from "../../scripts/reload/dev-process.ts";

const RELOADS = 20;
let app: EditedApp;
let dev: DevProcess;

beforeAll(async () => {
  app = editedApp();
  dev = await startDev(app);
});
afterAll(async () => {
  await dev.stop();
  app.remove();
});

/** Saves the agent, and resolves when its new code has answered. */
async function reload(word: string, text = agentThatSays(word)): Promise<void> {
  app.save("agents/hello.ts", text);
  for (let asked = 1; ; asked += 1) {
    const reply = JSON.stringify(await dev.ask(`probe-${word}-${asked}`.replace(" ", "-"), "HelloAsked"));
    if (reply.includes(word)) return;
  }
}

const sequencesOf = async (session: string): Promise<readonly number[]> =>
  ((await dev.get(`/sessions/${session}/events?after=0`)) as readonly { sequence: number }[]).map(
    ({ sequence }) => Number(sequence),
  );

it("survives 20 reloads with every session that is under way", { timeout: 120_000 }, async () => {
  for (let save = 1; save <= RELOADS; save += 1) {
    await dev.send(`under-way-${save}`, "HelloLater");
    await reload(`Save ${save}.`);
  }
  for (let save = 1; save <= RELOADS; save += 1) {
    const session = `under-way-${save}`;
    expect(await dev.agree(session)).toEqual({ text: `Save ${RELOADS}. Ada` });
    const sequences = await sequencesOf(session);
    expect(sequences).toEqual(sequences.map((_, at) => at + 1));
  }
});

it("lets an agent that is at work answer with the code that it began with", { timeout: 60_000 }, async () => {
  const waits = agentThatSays("Old")
    .replace("({ context })", "async ({ context, session })")
    .replace("=> ({ text", '=> (session === "at-work" ? await new Promise(wait) : null, { text');
  await reload(
    "Old",
    `${waits}const wait = (resolve: () => void) => Object.assign(globalThis, { resolve });`,
  );
  const reply = dev.ask("at-work", "HelloAsked");
  await expect
    .poll(async () => JSON.stringify(await dev.get("/sessions/at-work/state").catch(() => "")))
    .toContain('"dispatched"');
  await reload("New", `${agentThatSays("New")}(globalThis as unknown as { resolve(): void }).resolve();`);
  expect(await reply).toEqual({ text: "Old Ada" });
});
