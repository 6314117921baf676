import { DeleteItemCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { functionCallOf } from "#local/faults/function-call.ts";
import { serverError } from "#local/faults/refusals.ts";
import type { Around } from "#local/http/loopback-server.ts";
import { countsSince } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { LONG, SHORT, WHOLE, type Play } from "../../scripts/requests/play.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createErase, createOperate } from "#client/operate.ts";
import { startCloud } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

/** Above what a commit's snapshot may have (100 KB) and a view that travels in a message (48 KB). */
const NOTES = "x".repeat(110_000);
const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02", notes: NOTES },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
/** Ids that a session's state remembers; an older one has a marker of its own. */
const ID_WINDOW = 32;

/** How things are. A scenario closes a way, so that the spine takes the one that is there for that, or breaks an agent's store. */
const ways = {
  answersToDoor: true,
  dispatchAtOnce: true,
  documents: "kept" as "kept" | "kept, but nobody hears" | "down",
};
const AT_ONCE = /^spine-(?:ingress|door|coordinator)$/;

interface Asked {
  readonly answer: object;
}
/** The newest answer that an agent gave at the door, as it would be posted. */
let answered = "";

const around: Around = async (request, handle) => {
  const call = functionCallOf(request);
  if (call === undefined) return handle(request);
  const { functionName, operation, resource, service } = call;
  const answers = resource === "spine-door" && request.body.includes('"op":"answer"');
  if (answers) answered = JSON.stringify((JSON.parse(request.body.toString("utf8")) as Asked).answer);
  const dispatches = AT_ONCE.test(functionName) && resource.startsWith("spine-agent-");
  if ((answers && !ways.answersToDoor) || (dispatches && !ways.dispatchAtOnce)) return serverError(service);
  if (functionName !== "spine-agent-documents" || operation !== "PutObject") return handle(request);
  if (ways.documents === "kept") return handle(request);
  if (ways.documents === "kept, but nobody hears") {
    ways.documents = "kept";
    await handle(request);
  }
  return serverError(service);
};

describe("the app with all options on, on the local runtime", () => {
  let cloud: LocalCloud;
  let clients: {
    readonly sqs: SQSClient;
    readonly bus: EventBridgeClient;
    readonly dynamo: DynamoDBClient;
  };

  beforeAll(async () => {
    const environment = {
      SPINE_MIRROR: "yes",
      SPINE_CALLBACKS: "yes",
      SPINE_RETENTION: "P30D",
      SPINE_PERSONAL: "inquiry.slots",
      SPINE_QUOTA: "1000/1000",
    };
    const { templateDir } = await synthesize({ environment });
    cloud = await startCloud({ templateDir, around });
    const connection = (service: string) => connectionTo(cloud.environment, service);
    clients = {
      sqs: new SQSClient(connection("SQS")),
      bus: new EventBridgeClient(connection("EVENTBRIDGE")),
      dynamo: new DynamoDBClient(connection("DYNAMODB")),
    };
  }, 240_000);
  afterAll(() => Object.values(clients).forEach((client) => client.destroy()));

  const target = () => ({
    where: "here",
    prefix: "spine",
    environment: cloud.environment,
    call: () => Promise.reject(new Error("no HTTP here")),
  });
  const url = (session: string, part: string) =>
    `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/${part}`;
  const headers = { "content-type": "application/json" };
  const post = (session: string, part: string, body: object) =>
    cloud.fetch(url(session, part), { method: "POST", headers, body: JSON.stringify(body) });
  const ask = async (session: string, { text }: Play) =>
    expect(
      (await post(session, "events", { type: "MessageReceived", data: { text }, ...FACTS })).status,
    ).toBe(202);
  /** The same by the bus. */
  const put = async (
    session: string,
    text: string,
    { session: facts, constraints }: Partial<typeof FACTS> = {},
  ) => {
    const Detail = JSON.stringify({ session, data: { text }, facts, constraints });
    const DetailType = "MessageReceived";
    const entry = { EventBusName: "spine-in", Source: "com.example.shop", DetailType, Detail };
    expect((await clients.bus.send(new PutEventsCommand({ Entries: [entry] }))).FailedEntryCount).toBe(0);
  };
  const typesOf = async (session: string) => {
    const response = await cloud.fetch(url(session, "events"), { headers });
    if (response.status !== 200) return [];
    return ((await response.json()) as readonly { readonly type: string }[]).map(({ type }) => type);
  };
  const eventually = (read: () => unknown) => expect.poll(read, { timeout: 120_000, interval: 200 });
  /** Answered, and its last commit relayed. */
  const replied = async (session: string) => {
    await eventually(() => typesOf(session)).toContain("ReplySent");
    await eventually(() => cloud.busy()).toBe(0);
  };
  const sentBy = (before: ReturnType<LocalCloud["counts"]>, caller: string, queue: RegExp) =>
    countsSince(before, cloud.counts()).filter(
      (each) =>
        each.caller === caller && queue.test(each.resource) && each.operation.startsWith("SendMessage"),
    ).length;
  const enqueue = (queue: string, session: string, body: object) =>
    clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/${queue}`,
        MessageBody: JSON.stringify(body),
        ...(queue.endsWith(".fifo") && {
          MessageGroupId: session,
          MessageDeduplicationId: randomUUID(),
        }),
      }),
    );
  const letters = () => lettersUntil(createOperate(target()), cloud.clock.now());

  it("replies with large views and snapshots, by the door", { timeout: 240_000 }, async () => {
    await ask("large", WHOLE);
    await replied("large");
  });

  it("accepts an answer once more at the public endpoint", { timeout: 240_000 }, async () => {
    const answer = { method: "POST", body: answered };
    const response = await fetch(cloud.functionUrls.get("spine-callback") ?? "", answer);
    expect(await response.json()).toEqual({ type: "settled" });
  });

  it("replies through the queues alone when the door accepts no answer", { timeout: 240_000 }, async () => {
    const before = cloud.counts();
    ways.answersToDoor = false;
    await put("queued", WHOLE.text, FACTS);
    await replied("queued");
    ways.answersToDoor = true;
    for (const agent of ["inquiry", "scheduling", "recommendation", "documents", "reply"])
      expect([agent, sentBy(before, `spine-agent-${agent}`, /answers\.fifo$/)]).toEqual([agent, 1]);
  });

  it("replies through the relay's dispatch when that of the commit fails", { timeout: 240_000 }, async () => {
    const before = cloud.counts();
    ways.dispatchAtOnce = false;
    await ask("relayed", LONG);
    await replied("relayed");
    ways.dispatchAtOnce = true;
    expect(sentBy(before, "spine-relay", /agent-reply/)).toBe(1);
  });

  it(
    "stores a document once when the agent does not receive the confirmation",
    { timeout: 240_000 },
    async () => {
      const before = cloud.counts();
      ways.documents = "kept, but nobody hears";
      await ask("unheard", LONG);
      // The first write is performed and not answered; the second one finds it.
      await replied("unheard");
      const asked = countsSince(before, cloud.counts()).filter(
        ({ caller }) => caller === "spine-agent-documents",
      );
      expect(asked.map(({ operation }) => operation)).toContain("GetObject");
    },
  );

  it.each([
    ["the door", true],
    ["the queue of answers", false],
  ])(
    "continues without an agent whose store is down, which it learns by %s",
    { timeout: 240_000 },
    async (_way, door) => {
      ways.documents = "down";
      ways.answersToDoor = door;
      const session = `down-${door}`;
      await ask(session, LONG);
      await replied(session);
      Object.assign(ways, { documents: "kept", answersToDoor: true });
      expect(await typesOf(session)).toContain("AttemptFailed");
    },
  );

  it("sends a subscriber that has lost a session all of it, from the log", { timeout: 240_000 }, async () => {
    const name = Object.entries(cloud.outputs).find(([output]) => output.includes("MirrorTableName"))?.[1];
    const Key = { pk: { S: "default/relayed" } };
    const kept = async () => {
      const { Item } = await clients.dynamo.send(new GetItemCommand({ TableName: name ?? "", Key }));
      return Number(Item?.["sequence"]?.N);
    };
    const before = await kept();
    await clients.dynamo.send(new DeleteItemCommand({ TableName: name ?? "", Key }));
    await ask("relayed", SHORT);
    await eventually(kept).toBeGreaterThan(before);
  });

  it("accepts more of a session's events from the bus than its state keeps ids", async () => {
    const texts = Array.from({ length: ID_WINDOW + 8 }, (_, at) => `Thank you, ${at} times.`);
    for (const text of texts) await put("many", text);
    const taken = async () => (await typesOf("many")).filter((type) => type === "InputAccepted").length;
    await eventually(taken).toBe(texts.length);
  });

  it("keeps an event of the bus that a stopped session rejects, with its cause", async () => {
    await eventually(
      async () => (await post("many", "commands", { type: "stop", reason: "spam" })).status,
    ).toBe(202);
    await put("many", "And one more.");
    await eventually(async () => (await letters()).map(({ queue }) => queue)).toEqual(["spine-intake-dead"]);
  });

  it("keeps a letter of a session that is still empty, sealed, and redrives answers and events", async () => {
    const operate = createOperate(target());
    const [refused] = await letters();
    expect(await operate({ op: "redrive", letter: refused?.letter ?? "", reason: "a test" })).toEqual({
      as: "intake",
    });
    const input = {
      kind: "event",
      source: "shop",
      id: "first",
      hash: "first",
      correlation: "first",
      type: "MessageReceived",
      data: { text: "Hello" },
    };
    await enqueue("spine-inbox-dead.fifo", "new", { tenant: "default", session: "new", input });
    const forge = (token: string) =>
      enqueue("spine-answers-dead.fifo", "new", {
        tenant: "default",
        session: "new",
        task: "t-1",
        attempt: 1,
        token,
        outcome: { status: "ok", result: {} },
      });
    // One that names a version of the tokens' secret, so that it is read, and one that is no token.
    await forge(`${"v".repeat(32)}.${"x".repeat(43)}`);
    const { MessageId = "" } = await forge("none");
    const queues = async () => (await letters()).map(({ queue }) => queue);
    await eventually(queues).toEqual(expect.arrayContaining(["spine-inbox-dead.fifo"]));
    const answers = async () => (await letters()).filter(({ queue }) => queue === "spine-answers-dead.fifo");
    await eventually(async () => (await answers()).length).toBe(2);
    const answer = (await answers()).find(({ letter }) => letter.includes(MessageId));
    expect(await operate({ op: "redrive", letter: answer?.letter ?? "", reason: "a test" })).toEqual({
      as: "answer",
    });
  });

  it("erases large sessions with everything that they stored", async () => {
    // Longer than a function may go on from what was before their last commits.
    cloud.clock.skipTo(cloud.clock.now() + 400_000);
    const erase = createErase(target());
    for (const session of ["large", "queued"])
      expect(
        await erase({ ...parseSessionKey({ tenant: "default", session }), reason: "asked for" }),
      ).toMatchObject({});
    expect(await typesOf("large")).toEqual([]);
  });

  it("is denied no right", () => {
    expect(cloud.rights().refused).toEqual([]);
  });
});
