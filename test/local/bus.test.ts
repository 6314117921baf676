import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { connectionTo } from "#local/connection-to.ts";
import { synthesize } from "#local/synth.ts";
import { createOperate, type Operate } from "#client/operate.ts";
import { startCloud } from "./fixture/assembly.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));

interface Recorded {
  readonly type: string;
  readonly data: { readonly input?: { readonly id: string } };
}

/** The deployed functions on the template of an app without agents; only the cloud's clock stands still. */
describe("events of spine-in on the local runtime", () => {
  let cloud: LocalCloud;
  let clock: MovableClock;
  let operate: Operate;
  let bus: EventBridgeClient;

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    clock = createMovableClock(Date.now());
    cloud = await startCloud({ templateDir, clock });
    bus = new EventBridgeClient(connectionTo(cloud.environment, "EVENTBRIDGE"));
    operate = createOperate({
      where: "here",
      prefix: "spine",
      environment: cloud.environment,
    });
  }, 240_000);
  afterAll(() => bus.destroy());

  const put = (...details: readonly object[]) =>
    bus.send(
      new PutEventsCommand({
        Entries: details.map((detail) => ({
          EventBusName: "spine-in",
          Source: "com.example.shop",
          DetailType: "Told",
          Detail: JSON.stringify(detail),
        })),
      }),
    );
  const url = (session: string, what: string) =>
    `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/${what}`;
  const headers = { "content-type": "application/json" };
  const eventsOf = async (session: string) => {
    const response = await cloud.fetch(url(session, "events"), { headers });
    return response.status === 200 ? ((await response.json()) as readonly Recorded[]) : [];
  };
  const idsOf = async (session: string) =>
    (await eventsOf(session)).flatMap(({ data }) => (data.input === undefined ? [] : [data.input.id]));
  const lettersOf = async () => {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return ((await operate({ op: "list", day })) as OperatorReplies["list"]).letters;
  };
  const causeOf = async (letter: string) =>
    ((await operate({ op: "show", letter })) as OperatorReplies["show"]).notes["lost"];
  const eventually = (read: () => Promise<unknown>) => expect.poll(read, { timeout: 60_000, interval: 100 });
  const count = (counts: readonly RequestCount[], operation: string, caller: string, resource = "") =>
    counts
      .filter((each) => each.operation === operation && each.caller === caller)
      .filter((each) => each.resource.endsWith(resource))
      .reduce((sum, each) => sum + each.count, 0);

  it("are committed ten at a time, once each, by a function that writes no log itself", async () => {
    const before = cloud.counts();
    const ids = Array.from({ length: 10 }, (_, n) => `e-${n}`);
    await put(...ids.map((id) => ({ session: "many", id, data: {} })));
    await put(...ids.map((id) => ({ session: "many", id, data: {} })));
    await eventually(async () => (await idsOf("many")).toSorted()).toEqual(ids);
    await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
    const counts = countsSince(before, cloud.counts());
    expect(count(counts, "PutItem", "spine-coordinator")).toBeLessThan(10);
    expect(count(counts, "PutItem", "spine-intake")).toBe(0);
    expect(await idsOf("many")).toHaveLength(10);
    expect(await lettersOf()).toEqual([]);
  });

  it("can never be a command, deadline, letter, answer or another tenant's event, whatever they contain", async () => {
    const forged = [
      { kind: "command", command: { type: "stop", reason: "mine" } },
      { kind: "deadline", at: 0 },
      { kind: "letter", queue: "spine-deadlines-dead", reason: "mine" },
      { kind: "answer", task: "t-1", attempt: 1, outcome: { status: "ok", result: 1 } },
      { kind: "human", ask: "a-1", value: true },
      { tenant: "other" },
      { input: { kind: "command", command: { type: "stop", reason: "mine" } } },
    ];
    await put(...forged.map((more) => ({ session: "many", data: {}, ...more })));
    await eventually(async () => (await lettersOf()).length).toBe(forged.length);
    for (const { letter, state, queue, session } of await lettersOf()) {
      expect([state, queue, session]).toEqual(["lost", "spine-intake-dead", undefined]);
      expect(await causeOf(letter)).toMatchObject({
        cause: expect.stringMatching(/^input\.malformed: /) as string,
      });
      await operate({ op: "discard", letter, reason: "forged" });
    }
    expect(await idsOf("many")).toHaveLength(10);
    // As data it is what it is: data.
    await put(...forged.map((data, n) => ({ session: "said", id: `e-${n}`, data })));
    await eventually(async () => (await idsOf("said")).length).toBe(forged.length);
    expect(new Set((await eventsOf("said")).map(({ type }) => type))).toEqual(new Set(["InputAccepted"]));
  });

  it("become unchanged letters when their session rejects them, and again each time an operator redrives them", async () => {
    const stop = { method: "POST", headers, body: JSON.stringify({ type: "stop", reason: "enough" }) };
    expect((await cloud.fetch(url("over", "commands"), stop)).status).toBe(202);
    await put({ session: "over", id: "late", data: { n: 1 } });
    const open = async () => (await lettersOf()).filter(({ state }) => state === "lost");
    await eventually(async () => (await open()).length).toBe(1);
    const [{ letter } = { letter: "" }] = await open();
    expect(await causeOf(letter)).toMatchObject({
      cause: expect.stringMatching(/^session\.stopped: /) as string,
    });
    const { body } = (await operate({ op: "show", letter })) as OperatorReplies["show"];
    expect(body).toMatchObject({
      source: "com.example.shop",
      "detail-type": "Told",
      detail: { session: "over", id: "late", data: { n: 1 } },
    });
    // Within the inbox's five minutes: without its own name the redrive would be swallowed, and nobody told.
    expect(await operate({ op: "redrive", letter, reason: "a test" })).toEqual({ as: "intake" });
    await eventually(async () => (await open()).length).toBe(1);
    expect((await open())[0]?.letter).not.toBe(letter);
  });
});
