import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoLiveOutput } from "#aws/dynamo/dynamo-live-output.ts";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { sseFrames } from "#core/sse-frames.ts";
import { createHttpStreamCall } from "#client/stream-call.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { synthesize } from "#local/synth.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { SHORT } from "../../scripts/requests/play.ts";
import { startCloud } from "./fixture/assembly.ts";

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};

describe("live output on the local runtime", () => {
  let cloud: LocalCloud;
  let client: SpineClient;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    const { templateDir } = await synthesize();
    cloud = await startCloud({ templateDir });
    const url = cloud.functionUrls.get("spine-ingress") ?? "";
    client = createSpineClient(createHttpCall(url, cloud.authorize()));
    dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  }, 240_000);
  afterAll(() => dynamo.destroy());

  it(
    "brings what an agent says to its table, by the function that it may invoke, where it was asked for",
    { timeout: 240_000 },
    async () => {
      const send = (session: string, live: boolean) =>
        client.send(
          session,
          { id: "m1", type: "MessageReceived", data: { text: SHORT.text }, live, ...FACTS },
          20_000,
        );
      await send("silent", false);
      const { reply } = await send("watched", true);
      const table = cloud.functions.get("spine-progress")?.config.environment["LIVE_TABLE"] ?? "";
      const output = createDynamoLiveOutput({ client: dynamo, table, clock: createSystemClock() });
      const said = (session: string) => output.read(parseSessionKey({ tenant: "default", session }));
      // The agent does not wait for it.
      await expect.poll(() => said("watched"), { timeout: 20_000 }).toHaveLength(1);
      const [record] = await said("watched");
      const { text } = reply?.body as { readonly text: string };
      expect(record).toMatchObject({ agent: "reply", attempt: 1, n: 1 });
      expect(text.startsWith(record?.text?.trimEnd() ?? "?")).toBe(true);
      expect(await said("silent")).toEqual([]);
    },
  );

  it("is streamed while its task is open", { timeout: 240_000 }, async () => {
    // An agent that dies at work has its task open until it is in the dead letters, or late.
    const inquiry = cloud.functions.get("spine-agent-inquiry");
    const looking = setInterval(() => void inquiry?.killAtWork(() => 0), 1);
    const event = { type: "MessageReceived", data: { text: SHORT.text }, live: true, ...FACTS };
    await client.send("streamed", { id: "m1", ...event });
    const dispatched = async () =>
      (await client.eventsAfter("streamed", 0)).find(({ event: { type } }) => type === "AttemptDispatched");
    await expect.poll(dispatched, { timeout: 20_000 }).toBeDefined();
    const { event: found } = (await dispatched()) ?? {};
    if (found?.type !== "AttemptDispatched") throw new Error("No task is open.");
    const { task, attempt } = found.data;
    const table = cloud.functions.get("spine-progress")?.config.environment["LIVE_TABLE"] ?? "";
    const output = createDynamoLiveOutput({ client: dynamo, table, clock: createSystemClock() });
    const record = { task, attempt, run: "r", step: "plan", agent: "inquiry", n: 1, text: "Dear" };
    await output.put(parseSessionKey({ tenant: "default", session: "streamed" }), record, Date.now());
    const leaving = new AbortController();
    const stream = createHttpStreamCall(cloud.functionUrls.get("spine-stream") ?? "", cloud.authorize());
    const answer = await stream({
      path: "/sessions/streamed/events?live=true",
      headers: { accept: "text/event-stream" },
      signal: leaving.signal,
    });
    const heard: string[] = [];
    if (answer === undefined) throw new Error("There are no streams.");
    for await (const { event: kind, id, data = "" } of sseFrames(answer.body)) {
      if (kind !== "progress") continue;
      expect(id).toBeUndefined();
      heard.push(data);
      break;
    }
    clearInterval(looking);
    leaving.abort();
    expect(heard.map((one) => JSON.parse(one) as unknown)).toEqual([record]);
  });
});
