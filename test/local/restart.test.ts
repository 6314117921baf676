import { describe, expect, it } from "vitest";
import type { LocalCloud } from "../../scripts/local/cloud.ts";
import { localAuthorization } from "../../scripts/local/http/access-key.ts";
import { synthesize } from "../../scripts/local/synth.ts";
import { startCloud, temporaryFolder } from "./fixture/assembly.ts";

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

describe("a local runtime with a folder of data, stopped in the middle", () => {
  it("loses its queues and nothing else: what was under way goes on at the next start, once", async () => {
    const { templateDir } = await synthesize();
    const dataDir = temporaryFolder();
    const headers = {
      authorization: localAuthorization("local", "lambda"),
      "content-type": "application/json",
    };
    const urlOf = (cloud: LocalCloud, session: string) =>
      `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/events`;
    const eventsOf = async (cloud: LocalCloud, session: string): Promise<readonly Recorded[]> =>
      (await (await fetch(urlOf(cloud, session), { headers })).json()) as readonly Recorded[];
    const countOf = (events: readonly Recorded[], type: string) =>
      events.filter((event) => event.type === type).length;

    const first = await startCloud({ templateDir, dataDir });
    const taken = SESSIONS.map((session) =>
      fetch(urlOf(first, session), {
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
});
