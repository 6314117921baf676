import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoLiveOutput } from "#aws/dynamo/dynamo-live-output.ts";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { acceptanceCases } from "../acceptance/cases.ts";
import { differences } from "../acceptance/match.ts";
import { RUNS_PYTHON } from "../support/python.ts";
import { startCloud } from "./fixture/assembly.ts";

const FOLDER = fileURLToPath(new URL("fixture/python/", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../docs/examples/python-agent", import.meta.url));
const WAIT_MS = 20_000;

describe.runIf(RUNS_PYTHON)("agents in Python on the local runtime", () => {
  let cloud: LocalCloud;
  let client: SpineClient;
  let dynamo: DynamoDBClient;
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${FOLDER}app.ts`, sources: [FOLDER, EXAMPLE] });
    cloud = await startCloud({ templateDir, onLog: (line) => lines.push(line) });
    const url = cloud.functionUrls.get("spine-ingress") ?? "";
    client = createSpineClient(createHttpCall(url, cloud.authorize()));
    dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  }, 240_000);
  afterAll(() => dynamo.destroy());

  const ask = async (
    session: string,
    type: string,
    data: JsonObject,
    more: object = {},
  ): Promise<unknown> => {
    const { reply } = await client.send(session, { id: "1", type, data, ...more }, WAIT_MS);
    return reply?.body;
  };
  const work = (session: string, data: JsonObject, more?: object) => ask(session, "WorkAsked", data, more);
  const typesOf = async (session: string) =>
    (await client.eventsAfter(session, 0)).map(({ event: { type } }) => type);

  it("pass the acceptance test of recommendation, from event to reply", { timeout: 120_000 }, async () => {
    // An event's own `constraints.budget` is its run's budget: a view with another one is tested without a spine.
    const cases = acceptanceCases("recommendation").filter(
      ({ view }) => !JSON.stringify(view["constraints"]).includes("budget"),
    );
    expect(cases.length).toBeGreaterThan(20);
    for (const [at, { name, view, expected }] of cases.entries()) {
      const { input, inquiry, session, constraints } = view as Readonly<Record<string, JsonObject>>;
      const data = { ...input, ...(inquiry !== undefined && { inquiry }) };
      const result = await ask(`advice-${at}`, "AdviceAsked", data, { session, constraints });
      expect({ name, differences: differences(expected, result) }).toEqual({ name, differences: [] });
    }
  });

  it("claim an effect before they act, and fetch a view that is too large for a message", async () => {
    expect(await work("large", { do: "work", long: "x".repeat(100_000) })).toEqual({
      attempt: 1,
      size: 100_000,
      key: expect.stringContaining("default/large/") as string,
    });
    const types = await typesOf("large");
    expect(types.indexOf("AttemptDispatched")).toBeGreaterThan(0);
    expect(types.indexOf("EffectClaimed")).toBeGreaterThan(types.indexOf("AttemptDispatched"));
  });

  it("are told by signals while they work", async () => {
    const reply = work("told", { do: "listen" });
    const tell = () => client.signal("told", { id: "s1", to: "worker", name: "text", data: "Ada" });
    await expect
      .poll(() => tell().catch(() => undefined), { timeout: WAIT_MS })
      .toMatchObject({ disposition: "signalled" });
    expect(await reply).toMatchObject({ attempt: 1, size: 3 });
  });

  it("are tried again when they fail, or run out of time", async () => {
    expect(await work("failing", { do: "fail once" })).toMatchObject({ attempt: 2 });
    expect(await ask("late", "ReadingAsked", { text: "slow" })).toEqual({ text: "SLOW!" });
    expect(await typesOf("late")).toContain("AttemptFailed");
  });

  it("are asked about an effect in doubt", { timeout: 120_000 }, async () => {
    await client.send("doubt", { id: "1", type: "WorkAsked", data: { do: "break off" } });
    await expect.poll(() => typesOf("doubt"), { timeout: WAIT_MS }).toContain("AttemptFailed");
    cloud.clock.skipTo(cloud.clock.now() + 120_000);
    await expect.poll(() => typesOf("doubt"), { timeout: WAIT_MS }).toContain("EffectInDoubt");
    await expect.poll(() => typesOf("doubt"), { timeout: WAIT_MS }).toContain("RunCompleted");
    const claims = (await typesOf("doubt")).filter((type) => type === "EffectClaimed");
    expect(claims).toHaveLength(1);
    expect((await client.state("doubt")).context).toMatchObject({ worker: { attempt: 0 } });
  });

  it("answer by the queue where many answer at once", async () => {
    const names = ["Ada", "Grace", "Mary"];
    const texts = Object.values((await ask("many", "GreetingsAsked", { names })) as JsonObject);
    expect(texts).toEqual(names.map((name) => ({ text: `Hello ${name}` })));
    const sent = cloud
      .counts()
      .filter(
        ({ caller, operation, resource }) =>
          caller === "spine-agent-greeter" &&
          operation.startsWith("SendMessage") &&
          resource.includes("answers.fifo"),
      );
    expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it("of a group are handed the next task by the door", async () => {
    expect(await ask("handed", "ReadingAsked", { text: "hello" })).toEqual({ text: "HELLO!" });
    const done = lines.findLast(
      ({ from, text }) => from === "spine-agent-desk" && text.includes('"sessions"'),
    );
    expect(JSON.parse(done?.text ?? "{}")).toMatchObject({ noted: 2, message: "done" });
  });

  it("show what they do while they work", async () => {
    await work("watched", { do: "say" }, { live: true });
    const table = cloud.functions.get("spine-progress")?.config.environment["LIVE_TABLE"] ?? "";
    const output = createDynamoLiveOutput({ client: dynamo, table, clock: createSystemClock() });
    const said = () => output.read(parseSessionKey({ tenant: "default", session: "watched" }));
    await expect
      .poll(said, { timeout: WAIT_MS })
      .toEqual([expect.objectContaining({ agent: "worker", n: 1 })]);
  });

  it("survive the death of their process", async () => {
    await work("before", { do: "work" });
    expect(cloud.kill("spine-agent-worker")).toBeGreaterThan(0);
    expect(await work("after", { do: "work" })).toMatchObject({ attempt: 1 });
  });

  it("need no right that they lack, and log nothing that somebody wrote", () => {
    const own = lines.filter(({ from }) => /^spine-agent-(?:worker|greeter|desk|recommendation)$/.test(from));
    expect(own.filter(({ kind }) => kind === "trouble")).toEqual([]);
    const said = own.filter(({ kind }) => kind === "output").map(({ text }) => text);
    expect(said.length).toBeGreaterThan(30);
    expect(said.filter((text) => /Ada|Hello|token/.test(text))).toEqual([]);
    expect(cloud.rights().refused).toEqual([]);
  });
});
