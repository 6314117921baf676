import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { describe, expect, it } from "vitest";
import type { LogLine } from "#local/provision/site.ts";
import { createOperate } from "#client/operate.ts";
import { connectionTo } from "#local/connection-to.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
const data = { text: "Can you suggest something eco-friendly for our lawn? My budget is about £220." };

describe("the app with a quota of two events, and one in ten seconds, on the local runtime", () => {
  it("rejects the third event of a burst over HTTP, accepts every event of the bus eventually, keeps invalid ones with their cause, and is denied no right", async () => {
    const { templateDir } = await synthesize({ environment: { SPINE_QUOTA: "0.1/2" } });
    const trouble: LogLine[] = [];
    const cloud = await startCloud({
      templateDir,
      onLog: (line) => void (line.kind === "trouble" && trouble.push(line)),
    });
    const headers = {
      "content-type": "application/json",
    };
    const urlOf = (session: string) => `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}`;
    const post = (session: string) =>
      cloud.fetch(`${urlOf(session)}/events`, {
        method: "POST",
        headers,
        body: JSON.stringify({ id: session, type: "MessageReceived", data, ...FACTS }),
      });
    const began = async (session: string) =>
      (await cloud.fetch(`${urlOf(session)}/state`, { headers })).status === 200;

    expect([(await post("h1")).status, (await post("h2")).status]).toEqual([202, 202]);
    const refused = await post("h3");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ type: "urn:event-spine:problem:tenant.over-quota" });
    expect(await began("h3")).toBe(false);

    const bus = new EventBridgeClient(connectionTo(cloud.environment, "EVENTBRIDGE"));
    const sessions = ["b1", "b2", "b3"];
    await bus.send(
      new PutEventsCommand({
        Entries: sessions.map((session) => ({
          EventBusName: "spine-in",
          Source: "com.example.shop",
          DetailType: "MessageReceived",
          Detail: JSON.stringify({ session, data, facts: FACTS.session, constraints: FACTS.constraints }),
        })),
      }),
    );
    const put = (Entry: object) =>
      bus.send(
        new PutEventsCommand({
          Entries: [{ EventBusName: "spine-in", Source: "com.example.shop", ...Entry }],
        }),
      );
    await put({ DetailType: "Sung", Detail: JSON.stringify({ session: "b1", data }) });
    bus.destroy();
    await expect
      .poll(
        async () => {
          // The delays of the queue are minutes; nobody waits for them here.
          cloud.clock.skipTo(cloud.clock.now() + 10_000);
          return Promise.all(sessions.map(began));
        },
        { timeout: 90_000, interval: 500 },
      )
      .toEqual([true, true, true]);
    await expect.poll(() => cloud.running(), { timeout: 60_000 }).toBe(0);
    expect(trouble).toEqual([]);
    const target = { where: "here", prefix: "spine", environment: cloud.environment } as const;
    const operate = createOperate(target);
    const letters = await lettersUntil(operate, cloud.clock.now());
    expect(letters).toMatchObject([{ state: "lost", queue: "spine-intake-dead" }]);
    const shown = await operate({ op: "show", letter: letters[0]?.letter ?? "" });
    expect(shown).toMatchObject({
      notes: {
        lost: { cause: expect.stringMatching(/^input\.unknown-type: No flow uses the event type/) as string },
      },
    });
  }, 240_000);
});
