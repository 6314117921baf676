import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud } from "./fixture/assembly.ts";

const FIXTURE = fileURLToPath(new URL("fixture/", import.meta.url));
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe("schedules on the local runtime", () => {
  const lines: LogLine[] = [];
  let cloud: LocalCloud;
  let client: SpineClient;
  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${FIXTURE}schedules/app.ts`, sources: [FIXTURE] });
    cloud = await startCloud({ templateDir, onLog: (line) => void lines.push(line) });
    client = createSpineClient(
      createHttpCall(cloud.functionUrls.get("spine-ingress") ?? "", cloud.authorize()),
    );
  }, 240_000);

  /** When a clock in Berlin shows 02:30 next: at 00:30 or 01:30 UTC, whichever day this runs. */
  const nextNight = () => {
    const day = Math.floor(cloud.clock.now() / DAY) * DAY;
    const shows = (at: number) =>
      new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", timeStyle: "short" }).format(at) ===
      "02:30";
    const found = [0, 1, 2]
      .flatMap((days) => [30, 90].map((minutes) => day + days * DAY + minutes * MINUTE))
      .find((at) => at > cloud.clock.now() && shows(at));
    return new Date(found ?? 0).toISOString().replace(".000Z", "Z");
  };

  it("send their event to a session by the time that was planned", { timeout: 120_000 }, async () => {
    const night = nextNight();
    cloud.clock.skipTo(Date.parse(night));
    const session = `note-${night}`;
    const events = () => client.eventsAfter(session, 0).catch(() => []);
    await expect
      .poll(async () => (await events()).map(({ event }) => event.type), { timeout: 60_000 })
      .toContain("ReplySent");
    const [received] = await events();
    expect(received?.event.data).toMatchObject({
      input: {
        id: `arn:aws:scheduler:us-east-1:000000000000:schedule/default/spine-schedule-nightly/${night}`,
        source: "000000000000/event-spine.schedule",
        type: "Noted",
      },
    });
    expect(JSON.stringify(await events())).toContain(`to ${night}`);
  });

  it("keep what the bus does not take in their queue, with the reason", { timeout: 120_000 }, async () => {
    const noon = Math.floor(cloud.clock.now() / DAY) * DAY + 12 * 60 * MINUTE;
    cloud.clock.skipTo(noon > cloud.clock.now() ? noon : noon + DAY);
    const missed = () =>
      cloud.messages().filter(({ queue, visible }) => queue === "spine-schedule-closed-dead" && visible > 0);
    await expect.poll(missed, { timeout: 60_000 }).toHaveLength(1);
    expect(lines.map(({ text }) => text).join()).toContain(
      "may not put events on spine-in as com.example.shop",
    );
  });

  it("have no right that they never use", () => {
    const report = cloud.rights();
    const ofSchedules = ({ role }: { readonly role: string }) => /Nightly|Closed/.test(role);
    const name = ({ role, action }: { readonly role: string; readonly action: string }) =>
      `${/Nightly/.test(role) ? "nightly" : "closed"} ${action}`;
    expect(new Set(report.granted.filter(ofSchedules).map(name))).toEqual(
      new Set([
        "nightly events:PutEvents",
        "nightly sqs:SendMessage",
        "closed events:PutEvents",
        "closed sqs:SendMessage",
      ]),
    );
    expect(report.used.filter(ofSchedules).map(name)).toEqual(
      expect.arrayContaining(["nightly events:PutEvents", "closed sqs:SendMessage"]),
    );
  });
});
