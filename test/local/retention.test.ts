import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { createSpineClient } from "#client/client.ts";
import { createHttpCall } from "#client/call.ts";
import { erase } from "../../scripts/spine/commands/erase.ts";
import { show } from "../../scripts/spine/commands/show.ts";
import { createOperate } from "#client/operate.ts";
import { startCloud } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
const HOUR_MS = 3_600_000;

/** The deployed functions on a template whose sessions stay for two hours; time is moved ahead. */
describe("retention on the local runtime", () => {
  let cloud: LocalCloud;
  let dynamo: DynamoDBClient;
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const environment = { PATIENCE_RETENTION: "PT2H" };
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE], environment });
    cloud = await startCloud({ templateDir, onLog: (line) => lines.push(line) });
    dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  }, 240_000);
  afterAll(() => dynamo.destroy());

  const url = () => cloud.functionUrls.get("spine-ingress") ?? "";
  const headers = {
    "content-type": "application/json",
  };
  const post = (session: string, type: string, wait = 0) =>
    cloud.fetch(`${url()}/sessions/${session}/events`, {
      method: "POST",
      headers: { ...headers, ...(wait > 0 && { prefer: `wait=${wait}` }) },
      body: JSON.stringify({ type, id: `${session}-${type}`, data: {} }),
    });
  const kindsOf = async (pk: string): Promise<readonly string[]> => {
    const { Items = [] } = await dynamo.send(
      new ScanCommand({ TableName: tableName(), ConsistentRead: true }),
    );
    return Items.filter((item) => item["pk"]?.S?.startsWith(pk)).map((item) => item["kind"]?.S ?? "");
  };
  const listed = async (): Promise<readonly string[]> => {
    const { sessions } = await createSpineClient(createHttpCall(url(), cloud.authorize())).sessions();
    return sessions.map(({ session }) => session).toSorted();
  };
  const tableName = () => cloud.functions.get("spine-ingress")?.config.environment["TABLE_NAME"] ?? "";
  const later = (ms: number) => cloud.clock.skipTo(cloud.clock.now() + ms);

  it("expires a session two hours after its last commit, and never one that waits", async () => {
    for (const session of ["done", "waits"]) expect((await post(session, "Asked")).status).toBe(202);
    expect((await post("done", "Told")).status).toBe(202);
    // Noted by the relay, once each.
    await expect.poll(() => kindsOf("#retention/"), { timeout: 20_000 }).toEqual(["retention", "retention"]);
    await expect.poll(listed, { timeout: 20_000 }).toEqual(["done", "waits"]);

    later(0.75 * HOUR_MS);
    // A timer of the flow is an hour from its start: it fires within, and the session that waits goes on with it.
    expect((await post("waits", "Asked")).status).toBe(202);
    later(1.3 * HOUR_MS);
    await expect.poll(() => kindsOf("default/done"), { timeout: 20_000 }).toContain("tombstone");
    await expect.poll(listed, { timeout: 20_000 }).toEqual(["waits"]);
    expect(await kindsOf("default/waits")).not.toContain("tombstone");
    expect((await kindsOf("default/done")).length).toBeGreaterThan(1);
    later(0.5 * HOUR_MS);
    await expect.poll(() => kindsOf("default/done"), { timeout: 20_000 }).toEqual(["tombstone"]);
    expect(await kindsOf("default/waits")).not.toContain("tombstone");
  });

  it("answers 410 from then on, and begins no new log", async () => {
    for (const type of ["Asked", "Told"]) {
      const response = await post("done", type);
      expect(response.status).toBe(410);
      expect(await response.json()).toMatchObject({
        type: "urn:event-spine:problem:session.expired",
        title: "The session has expired",
      });
    }
    for (const part of ["events", "state", "explain"])
      expect((await cloud.fetch(`${url()}/sessions/done/${part}`, { headers })).status).toBe(410);
    expect(await kindsOf("default/done")).toEqual(["tombstone"]);
  });

  it("reports the expiry when the session is shown", async () => {
    const printed: string[] = [];
    const client = createSpineClient(createHttpCall(url(), cloud.authorize()));
    const context = { client, print: (text: string) => void printed.push(text), colours: false };
    const target = {
      where: "here",
      prefix: "spine",
      environment: {},
      call: () => Promise.reject(new Error()),
    };
    const { signal: stopped } = new AbortController();
    for (const args of [["done"], ["done", "--json"]])
      await show.parse(args).run({ ...context, target, stopped });
    expect(printed[0]).toMatch(
      /^Session done ended at sequence \d+ on .*its log was deleted on .* retention/,
    );
    expect(JSON.parse(printed[1] ?? "")).toMatchObject({ session: "done", status: "expired" });
  });

  it("lets an operator list its letters, of which there are none, and rejects unparking", async () => {
    const operate = createOperate({
      where: "here",
      prefix: "spine",
      environment: cloud.environment,
    });
    await expect(
      operate({ op: "unpark", tenant: "default", session: "done", reason: "a test" }),
    ).rejects.toMatchObject({
      status: 410,
    });
    expect(await lettersUntil(operate, cloud.clock.now())).toEqual([]);
  });

  it("erases an idle session at once with a command, and no other", async () => {
    const printed: string[] = [];
    const { signal: stopped } = new AbortController();
    const call = () => Promise.reject(new Error("no HTTP here"));
    const target = { where: "here", prefix: "spine", environment: cloud.environment, call };
    const context = { target, stopped, print: (text: string) => void printed.push(text), colours: false };
    const run = (session: string) =>
      erase.parse([session, "--reason", "asked for"]).run({ ...context, client: createSpineClient(call) });
    for (const type of ["Asked", "Told"]) expect((await post("forget", type)).status).toBe(202);
    await run("forget");
    expect(printed[0]).toMatch(
      /^default\/forget is erased: \d+ events, and the bodies of 0 letters\. Its last commit is younger than six minutes/,
    );
    expect(await kindsOf("default/forget")).toContain("commit");
    expect(await listed()).not.toContain("forget");
    later(0.11 * HOUR_MS);
    await run("forget");
    expect(printed[1]).toMatch(/^default\/forget is erased: \d+ events, and the bodies of 0 letters\.$/);
    expect(await kindsOf("default/forget")).toEqual(["tombstone"]);
    expect((await post("forget", "Asked")).status).toBe(410);
    await run("forget");
    await post("busy", "Asked");
    await expect(run("busy")).rejects.toThrow(/default\/busy is still active/);
    await expect(run("never")).rejects.toThrow(/Session never does not exist/);
    expect(await kindsOf("default/busy")).not.toContain("tombstone");
  });

  it("was invoked by its schedule with no right missing", () => {
    expect(
      cloud.counts().filter(({ operation, caller }) => operation === "Invoke" && caller.startsWith("rule:")),
    ).toHaveLength(1);
    const known = /session\.expired|input\.rejected|session\.unknown/;
    expect(lines.filter(({ kind, text }) => kind === "trouble" && !known.test(text))).toEqual([]);
  });
});
