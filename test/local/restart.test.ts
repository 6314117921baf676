import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createOperate } from "#client/operate.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud, temporaryFolder } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

interface Recorded {
  readonly type: string;
  readonly sequence: string;
}

const SESSIONS = ["a", "b", "c"];
const EVENT = {
  type: "MessageReceived",
  data: { text: "Can you suggest something eco-friendly for our lawn? My budget is about £220." },
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};

const urlOf = (cloud: LocalCloud, session: string) =>
  `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/events`;
const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));

describe("a local runtime with a data folder, stopped in the middle", () => {
  it("loses only its queues: unfinished work continues at the next start, once", async () => {
    const { templateDir } = await synthesize();
    const dataDir = temporaryFolder();
    const headers = {
      "content-type": "application/json",
    };
    const eventsOf = async (cloud: LocalCloud, session: string): Promise<readonly Recorded[]> =>
      (await (await cloud.fetch(urlOf(cloud, session), { headers })).json()) as readonly Recorded[];
    const countOf = (events: readonly Recorded[], type: string) =>
      events.filter((event) => event.type === type).length;

    const first = await startCloud({ templateDir, dataDir });
    const taken = SESSIONS.map((session) =>
      first.fetch(urlOf(first, session), {
        method: "POST",
        headers,
        body: JSON.stringify({ id: session, ...EVENT }),
      }),
    );
    for (const response of await Promise.all(taken)) expect(response.status).toBe(202);
    await first.stop();

    const second = await startCloud({ templateDir, dataDir });
    for (const session of SESSIONS) {
      const replies = async () => countOf(await eventsOf(second, session), "ReplySent");
      await expect.poll(replies, { timeout: 120_000, interval: 250 }).toBe(1);
    }
    await expect.poll(() => second.busy(), { timeout: 30_000 }).toBe(0);
    for (const session of SESSIONS) {
      const events = await eventsOf(second, session);
      expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_event, at) => at + 1));
      expect(["InputAccepted", "RunCompleted", "ReplySent"].map((type) => countOf(events, type))).toEqual([
        1, 1, 1,
      ]);
    }
  }, 240_000);

  it("keeps watching its dead letters, whose executions wait for minutes", async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    const dataDir = temporaryFolder();
    const start = async () => {
      const cloud = await startCloud({ templateDir, dataDir });
      const target = { where: "here", prefix: "spine", environment: cloud.environment } as const;
      const operate = createOperate(target);
      const statesOf = async () => {
        const letters = await lettersUntil(operate, cloud.clock.now());
        return letters.map(({ state }) => state);
      };
      return { cloud, statesOf };
    };

    const first = await start();
    const headers = {
      "content-type": "application/json",
    };
    const asked = { method: "POST", headers, body: JSON.stringify({ id: "1", type: "Asked", data: {} }) };
    expect((await first.cloud.fetch(urlOf(first.cloud, "watched"), asked)).status).toBe(202);
    const sqs = new SQSClient(connectionTo(first.cloud.environment, "SQS"));
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: `${first.cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/spine-deadlines-dead`,
        MessageBody: JSON.stringify({ tenant: "default", session: "watched", at: 1 }),
      }),
    );
    sqs.destroy();
    await expect.poll(first.statesOf, { timeout: 60_000, interval: 250 }).toEqual(["kept"]);
    // Its execution is started after that; before, the message would bring it again, and queues are lost here.
    await expect.poll(() => first.cloud.busy(), { timeout: 60_000 }).toBe(0);
    await first.cloud.stop();

    const second = await start();
    expect(await second.statesOf()).toEqual(["kept"]);
    // What was on its way to the session went with the queues: the first round sends it again, the second confirms it.
    const later = () => {
      // Time passes where nothing is under way, however slow the machine is.
      if (second.cloud.busy() === 0) second.cloud.clock.skipTo(second.cloud.clock.now() + 15_000);
      return second.statesOf();
    };
    await expect.poll(later, { timeout: 180_000, interval: 500 }).toEqual(["recorded"]);
  }, 240_000);
});
