import * as z from "zod";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { choice, defineFlow, sequence, step, waitFor } from "#core/flow/build.ts";
import type { TenantId } from "#core/ids.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { runCommand } from "../../support/run-command.ts";

const asker = defineAgent({
  name: "asker",
  output: z.object({ kind: z.string() }),
  reads: ["input", "session.tier"],
  retries: { max: 0, backoffMs: 1 },
});
const closer = defineAgent({ name: "closer", output: z.string(), retries: { max: 0, backoffMs: 1 } });
const flow = defineFlow({
  name: "visit",
  on: "Asked",
  plan: sequence(
    step(asker),
    choice({
      when: [{ if: "asker.kind == 'x'", then: step(closer) }],
      otherwise: waitFor("Paid", { if: "event.amount > 5", timeoutMs: 60_000 }),
    }),
    step(closer),
  ),
});

const spines: InProcessSpine[] = [];
afterEach(async () => {
  await Promise.all(spines.splice(0).map((spine) => spine.close()));
});

function started() {
  const agents = [asker.implement(() => ({ kind: "y" })), closer.implement(() => "done")];
  const spine = inProcessSpine({ flows: [flow], agents });
  spines.push(spine);
  return { spine, client: inProcessClient(spine, "web") };
}

/** A session that asked, waited, was paid and asked again, as the two commands show it. */
async function paid() {
  const { spine, client } = started();
  await client.send("s1", { id: "1", type: "Asked", data: {}, session: { tier: "gold" } });
  await spine.idle();
  await client.send("s1", { id: "2", type: "Paid", data: { amount: 7 } });
  await spine.idle();
  await client.send("s1", { id: "3", type: "Asked", data: {}, session: { tier: "lead" } });
  await spine.idle();
  const events = await spine.reader.events(spine.key("s1"));
  const run = (name: string, ...args: readonly string[]) => runCommand(client, name, ...args);
  return { events, run, client };
}

const at = (events: Awaited<ReturnType<typeof paid>>["events"], type: string): string =>
  String(events.find((event) => event.type === type)?.sequence);

describe("spine why", () => {
  it("shows the ways of a choice, the values and who wrote them", async () => {
    const { events, run } = await paid();
    const applied = at(events, "AnswerApplied");
    const text = await run("why", "s1", at(events, "ChoiceMade"));
    expect(text).toContain(`AnswerApplied of asker at 20`);
    expect(text).toContain("Which branch does plan/1 take?");
    expect(text).toMatch(/when\/0 +did not hold +asker\.kind == 'x'/);
    expect(text).toMatch(/otherwise +taken/);
    expect(text).toMatch(new RegExp(`asker\\.kind +"y" +event ${applied}, AnswerApplied of asker`));
  });

  it("shows which step took an event, and which flows one starts", async () => {
    const { events, run } = await paid();
    const waited = await run("why", "s1", at(events, "WaitSatisfied"));
    expect(waited).toContain("Does plan/1/otherwise take the event?");
    expect(waited).toMatch(/event\.amount +7 +event \d+, InputAccepted of web/);
    const first = await run("why", "s1", "1");
    expect(first).toContain("Which flows does the event start?");
    expect(first).toMatch(/visit +taken/);
  });

  it("says when there was one way only, and gives all of it as JSON", async () => {
    const { events, run } = await paid();
    const last = at(events, "RunCompleted");
    expect(await run("why", "s1", last)).toContain("It left no choice");
    expect(JSON.parse(await run("why", "s1", "1", "--json"))).toMatchObject({
      session: "s1",
      choices: [{ kind: "trigger" }],
      seen: { now: expect.any(Number) as number },
    });
  });
});

describe("spine view", () => {
  it("shows what an agent saw, and what has changed since, by whom", async () => {
    const { events, run } = await paid();
    const task = events.find((event) => event.type === "TaskCreated");
    const id = task?.type === "TaskCreated" ? task.data.task : "";
    const text = await run("view", "s1", id);
    expect(text).toMatch(/^Attempt 1 of asker \(plan\/0\) saw the session as of event \d+:/);
    expect(text).toMatch(/session +\{tier: "gold"\}/);
    expect(text).toMatch(/session\.tier +"gold" +-> "lead" +event \d+, \w+ of web/);
    expect(await run("view", "s1", id, "--attempt", "1")).toBe(text);
  });
});

describe("the reads behind them", () => {
  it("answer what is not there, or no number, with field and repair", async () => {
    const { events } = await paid();
    const { client } = await paid();
    const task = events.find((event) => event.type === "TaskCreated");
    const id = task?.type === "TaskCreated" ? task.data.task : "";
    const statusOf = (read: Promise<unknown>) => read.catch((error: unknown) => error);
    expect(await statusOf(client.decision("s1", 9_999))).toMatchObject({ status: 404 });
    expect(await statusOf(client.decision("s1", 0))).toMatchObject({ status: 404 });
    expect(await statusOf(client.decision("nobody", 1))).toMatchObject({ status: 404 });
    expect(await statusOf(client.view("s1", `${id}9999`))).toMatchObject({ status: 404 });
    for (const wrong of ["x", "x-1", "-", "x-0", "x-999999999999999"])
      expect(await statusOf(client.view("s1", wrong))).toMatchObject({ status: 404 });
    expect(await statusOf(client.decision("s1", Number.NaN))).toMatchObject({ status: 400 });
  });

  it("find no attempt that was never made", async () => {
    const { events, client } = await paid();
    const task = events.find((event) => event.type === "TaskCreated");
    const id = task?.type === "TaskCreated" ? task.data.task : "";
    const error = await client.view("s1", id, 2).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404, message: expect.stringContaining("attempt 2") as string });
  });

  it("are for callers that may read, each of its own tenant", async () => {
    const { spine, client } = started();
    await client.send("s1", { id: "1", type: "Asked", data: {} });
    await spine.idle();
    const handle = createHttpIngress(spine.engine);
    const asked = (path: string, tenant: TenantId, rights: readonly ["send"] | readonly ["read"]) =>
      handle({ method: "GET", path, query: {}, headers: {}, caller: { tenant, source: "web", rights } });
    const { tenant } = spine.key("s1");
    for (const path of ["/sessions/s1/decisions/1", "/sessions/s1/tasks/c1-4/view"]) {
      expect((await asked(path, tenant, ["send"])).status).toBe(403);
      expect((await asked(path, "other" as TenantId, ["read"])).status).toBe(404);
    }
    expect((await asked("/sessions/s1/decisions/1", tenant, ["read"])).status).toBe(200);
  });
});
