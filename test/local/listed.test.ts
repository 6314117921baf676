import { DeleteItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionId } from "#core/ids.ts";
import { summarize, type SessionRow, type Summary } from "#core/session/summary/summary.ts";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { synthesize } from "#local/synth.ts";
import { LONG, SHORT, WHOLE } from "../../scripts/requests/play.ts";
import { rebuildIndex } from "../../scripts/spine/commands/rebuild-index.ts";
import { startCloud } from "./fixture/assembly.ts";

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
/** What a customer says, and where it leads: to a booking, to questions back, to a person. */
const SAID = [WHOLE.text, SHORT.text, LONG.text, "Hello", "I want my money back, this is a disgrace!"];

describe("the list of sessions on the local runtime", () => {
  let cloud: LocalCloud;
  let client: SpineClient;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    const { templateDir } = await synthesize();
    cloud = await startCloud({ templateDir });
    client = createSpineClient(
      createHttpCall(cloud.functionUrls.get("spine-ingress") ?? "", cloud.authorize()),
    );
    dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  }, 240_000);
  afterAll(() => dynamo.destroy());

  const atRest = () => expect.poll(() => cloud.busy(), { timeout: 120_000, interval: 100 }).toBe(0);
  const say = async (session: string, text: string, id: string) => {
    await client.send(session, { id, type: "MessageReceived", data: { text }, ...FACTS }, 20_000);
  };
  const listed = async (): Promise<readonly SessionRow[]> =>
    (await client.sessions({ limit: 200 })).sessions.toSorted((a, b) => (a.session < b.session ? -1 : 1));
  const told = async (session: SessionId): Promise<SessionRow | undefined> => {
    const { commits } = await client.recorded(session);
    return commits.reduce<Summary | undefined>(summarize, undefined)?.row;
  };
  const allTold = async (rows: readonly SessionRow[]) =>
    Promise.all(rows.map(({ session }) => told(session)));

  it("tells of each session what its whole log says", { timeout: 240_000 }, async () => {
    for (const [at, text] of SAID.entries()) await say(`s${at}`, text, "m1");
    await say("s0", "Thanks, and what would you recommend after it?", "m2");
    await client.command("s4", { id: "stop", type: "stop", reason: "enough" });
    await atRest();
    const rows = await listed();
    expect(rows.map(({ session }) => session)).toEqual(SAID.map((_, at) => `s${at}`));
    expect(rows).toEqual(await allTold(rows));
    expect(JSON.stringify(rows)).not.toContain("Ada");
  });

  it(
    "finds sessions by state, flow and problem, and lists the open questions",
    { timeout: 240_000 },
    async () => {
      const rows = await listed();
      const stopped = await client.sessions({ state: "stopped" });
      expect(stopped.sessions.map(({ session }) => session)).toEqual(["s4"]);
      const { flows } = rows[0] ?? { flows: [] };
      const ofFlow = await client.sessions({ flow: flows[0]?.name ?? "" });
      expect(ofFlow.sessions.length).toBeGreaterThan(0);
      const wrong = rows.filter(({ problem }) => problem !== undefined);
      expect((await client.sessions({ problem: "any" })).sessions).toHaveLength(wrong.length);
      const asking = rows.filter(({ state }) => state === "asking").map(({ session }) => session);
      const { questions } = await client.questions();
      expect(questions.map(({ session }) => session).toSorted()).toEqual(asking);
    },
  );

  it("goes on from the stored rows when its process is another one", { timeout: 240_000 }, async () => {
    cloud.kill("spine-relay");
    await say("s1", SHORT.text, "m2");
    await atRest();
    const rows = await listed();
    expect(rows).toEqual(await allTold(rows));
  });

  it("is rebuilt from the log by a command", { timeout: 240_000 }, async () => {
    const before = await listed();
    const table = cloud.functions.get("spine-relay")?.config.environment["SESSION_INDEX_TABLE"] ?? "";
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
    for (const { pk, sk } of Items)
      if (pk !== undefined && sk !== undefined)
        await dynamo.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } }));
    expect(await listed()).toEqual([]);
    const printed: string[] = [];
    const target = { where: "here", prefix: "spine", environment: cloud.environment };
    await rebuildIndex.parse([]).run({
      client,
      target: { ...target, call: () => Promise.reject(new Error("no HTTP here")) },
      print: (text) => void printed.push(text),
      stopped: new AbortController().signal,
      colours: false,
    });
    expect(printed).toEqual([`The relay tells ${SAID.length} sessions anew.`]);
    await atRest();
    expect(await listed()).toEqual(before);
  });
});
