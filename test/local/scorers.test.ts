import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { functionCallOf } from "#local/faults/function-call.ts";
import { serverError } from "#local/faults/refusals.ts";
import type { Around } from "#local/http/loopback-server.ts";
import { synthesize } from "#local/synth.ts";
import { SHORT } from "../../scripts/requests/play.ts";
import { erase } from "../../scripts/spine/commands/erase.ts";
import { scores } from "../../scripts/spine/commands/scores.ts";
import { startCloud } from "./fixture/assembly.ts";

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
const QUEUE = "spine-sub-scorers.fifo";
/** Of the queue: six times as long as its function may run. */
const VISIBILITY_MS = 360_000;
const DEAD = "spine-sub-scorers-dead.fifo";

/** The deployed functions with scorers; requests of theirs may fail. */
describe("scorers on the local runtime", () => {
  let isDown = false;
  const around: Around = (request, handle) => {
    const call = functionCallOf(request);
    const puts = call?.functionName === "spine-scorers" && call.operation === "PutItem";
    return puts && isDown ? Promise.resolve(serverError(call.service)) : handle(request);
  };
  let cloud: LocalCloud;
  let client: SpineClient;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    const environment = { SPINE_SCORERS: "yes", SPINE_RETENTION: "P30D" };
    const { templateDir } = await synthesize({ environment });
    cloud = await startCloud({ templateDir, around });
    const url = cloud.functionUrls.get("spine-ingress") ?? "";
    client = createSpineClient(createHttpCall(url, cloud.authorize()));
    dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  }, 240_000);
  afterAll(() => dynamo.destroy());

  const ask = async (session: string, id = "m1") => {
    const event = { id, type: "MessageReceived", data: { text: SHORT.text }, ...FACTS };
    const { reply } = await client.send(session, event, 60_000);
    return reply?.sequence;
  };
  const later = (ms: number) => cloud.clock.skipTo(cloud.clock.now() + ms);
  const rowsOf = async (session: string) => {
    const TableName = cloud.functions.get("spine-scorers")?.config.environment["SCORES_TABLE"] ?? "";
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.filter(({ pk }) => pk?.S === `default/${session}`);
  };
  const context = (printed: string[]) => ({
    client,
    print: (text: string) => void printed.push(text),
    colours: false,
    stopped: new AbortController().signal,
    target: {
      where: "here",
      prefix: "spine",
      environment: cloud.environment,
      call: () => Promise.reject(new Error("no HTTP here")),
    },
  });

  it("score each reply after it is committed, and the command prints it", { timeout: 240_000 }, async () => {
    const sequence = await ask("visit-1");
    await expect.poll(() => client.scores("visit-1"), { timeout: 60_000 }).toHaveLength(2);
    expect(await client.scores("visit-1")).toMatchObject([
      { sequence, scorer: "answered", version: "1", score: 1 },
      { sequence, scorer: "brief", version: "1", score: 1 },
    ]);
    const printed: string[] = [];
    await scores.parse(["visit-1"]).run(context(printed));
    expect(printed.join("\n")).toMatch(
      new RegExp(`#${sequence}\\s+answered 1\\s+1\\s.*brief: 1 in the mean of 1 reply$`, "s"),
    );
    await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
    const [row] = await rowsOf("visit-1");
    expect(Object.keys(row ?? {}).toSorted()).toEqual(["expires", "pk", "score", "sk"]);
    expect(JSON.stringify(row)).not.toContain("cleaning");
  });

  it(
    "hold up no session when they fail: its next replies come, and the score is a dead letter",
    { timeout: 240_000 },
    async () => {
      isDown = true;
      await ask("visit-2");
      expect(await ask("visit-2", "m2")).toBeGreaterThan(0);
      const waiting = () => cloud.messages().find(({ queue }) => queue === QUEUE);
      const hasRest = () => cloud.running() === 0 && (waiting()?.inFlight ?? 1) > 0;
      for (let tries = 0; tries < 14; tries += 1) {
        await expect.poll(hasRest, { timeout: 60_000 }).toBe(true);
        if (waiting() === undefined) break;
        later(VISIBILITY_MS + 1);
      }
      const dead = cloud.messages().find(({ queue }) => queue === DEAD);
      expect([waiting(), dead?.visible]).toEqual([undefined, 2]);
      isDown = false;
      expect(await client.scores("visit-2")).toEqual([]);
      await ask("visit-2", "m3");
      await expect.poll(() => client.scores("visit-2"), { timeout: 60_000 }).toHaveLength(2);
    },
  );

  it("leave nothing of a session that is erased", { timeout: 240_000 }, async () => {
    expect(await rowsOf("visit-1")).toHaveLength(2);
    later(10 * 60_000);
    const printed: string[] = [];
    await erase.parse(["visit-1", "--reason", "asked for"]).run(context(printed));
    expect(printed[0]).toContain("default/visit-1 is erased");
    expect(await rowsOf("visit-1")).toEqual([]);
    await expect(client.scores("visit-1")).rejects.toMatchObject({ status: 410 });
    expect(await rowsOf("visit-2")).toHaveLength(2);
  });
});
