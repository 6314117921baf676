import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { STEP_KINDS } from "../../scripts/requests/kinds.ts";
import { measureRequests } from "../../scripts/requests/measure.ts";
import { LONG, SHORT } from "../../scripts/requests/play.ts";
import { measureFunctions, sizesTable } from "../../scripts/sizes/functions.ts";
import { startCloud } from "./fixture/assembly.ts";

interface Recorded {
  readonly type: string;
  readonly sequence: string;
}

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};

describe("the app's own template, on the local runtime", () => {
  let cloud: LocalCloud;
  const trouble: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize();
    cloud = await startCloud({
      templateDir,
      // What the door keeps is its process's: with a second one, reads would depend on which of them is idle.
      maxProcesses: (name) => (name === "spine-door" ? 1 : 2),
      // Commits that the relay takes at once share a request, and what it takes early it sends again: both depend on how fast this machine is.
      streamBatchSize: 1,
      streamWaitMs: [300, 300],
      onLog: (line) => void (line.kind === "trouble" && trouble.push(line)),
    });
  }, 240_000);

  const ask = async (session: string, text: string) => {
    const response = await cloud.fetch(
      `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/events`,
      {
        method: "POST",
        headers: { "content-type": "application/json", prefer: "wait=25" },
        body: JSON.stringify({ type: "MessageReceived", data: { text }, ...FACTS }),
      },
    );
    return {
      status: response.status,
      body: (await response.json()) as { readonly reply?: { readonly body: unknown } },
    };
  };
  const eventsOf = async (session: string): Promise<readonly Recorded[]> => {
    const url = `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/events`;
    return (await (await cloud.fetch(url)).json()) as readonly Recorded[];
  };
  const settled = () => expect.poll(() => cloud.busy(), { timeout: 30_000 }).toBe(0);
  const total = (counts: readonly RequestCount[], operation: string, caller: RegExp) =>
    counts
      .filter((each) => each.operation === operation && caller.test(each.caller))
      .reduce((sum, { count }) => sum + count, 0);

  it("has its functions' processes report the duration of their start", () => {
    const sizes = measureFunctions().map((size) => {
      const initMs = cloud.functions.get(`spine-${size.name}`)?.initTimesMs[0];
      return { ...size, ...(initMs !== undefined && { initMs }) };
    });
    console.log(`What functions load at init, and how long it takes here\n${sizesTable(sizes)}`);
    const timed = sizes.filter(({ initMs }) => initMs !== undefined);
    expect(timed.map(({ name }) => `spine-${name}`).toSorted()).toEqual(
      [...cloud.functions.keys()].toSorted(),
    );
  });

  it("replies to a waiting request, with no right denied on the way", async () => {
    const before = cloud.counts();
    const { status, body } = await ask(
      "booking",
      "I'd like to book a boiler service for next Tuesday morning, please.",
    );
    expect(status).toBe(200);
    expect(body.reply?.body).toMatchObject({
      status: "settled",
      text: expect.stringContaining("HS-2001") as string,
    });
    await settled();
    const events = await eventsOf("booking");
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_event, at) => at + 1));
    expect(trouble).toEqual([]);
    // Each task is received once.
    const counts = countsSince(before, cloud.counts());
    const tasks = events.filter(({ type }) => type === "AttemptDispatched").length;
    expect(tasks).toBeGreaterThanOrEqual(5);
    expect(total(counts, "ReceiveMessage", /^mapping:spine-agent-/)).toBe(tasks);
    expect(total(counts, "PutEvents", /^spine-relay$/)).toBe(
      total(counts, "GetRecords", /^mapping:spine-relay$/),
    );
  });

  it("takes six requests for a sequential agent step, and one of the relay's, whether or not the caller waits", async () => {
    const { steps, problems } = await measureRequests(cloud, [SHORT, LONG], 3);
    expect(problems).toEqual([]);
    expect(steps.map(({ way }) => way)).toEqual(["request", "waiting"]);
    const each = Object.fromEntries(STEP_KINDS.filter((kind) => kind !== "read").map((kind) => [kind, 1]));
    for (const { requests, total } of steps) {
      expect(requests).toMatchObject(each);
      // The second only where another process of the relay had the commits before.
      expect([1, 2]).toContain(requests.proof);
      // Its agent answered before the relay looked.
      expect(requests).not.toHaveProperty("second send");
      // A kept state saves the step's read; on a busy machine it is not always the newest when the answer comes.
      const { read = 0 } = requests;
      expect(read).toBeLessThanOrEqual(1);
      expect(total - read).toBe(6);
    }
  });

  it("rejects an anonymous caller", async () => {
    const response = await fetch(`${cloud.functionUrls.get("spine-ingress")}/sessions/x/events`, {
      method: "POST",
    });
    expect(response.status).toBe(403);
    trouble.length = 0;
  });

  it("still replies when a function's process is killed in the middle", async () => {
    const reply = ask(
      "killed",
      "Can you suggest something eco-friendly for our lawn? My budget is about £220.",
    );
    await expect.poll(() => cloud.functions.get("spine-door")?.busy, { interval: 1 }).toBeGreaterThan(0);
    cloud.kill("spine-door");
    expect((await reply).body.reply?.body).toMatchObject({ text: expect.any(String) as string });
    await settled();
    const events = await eventsOf("killed");
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_event, at) => at + 1));
  });
});
