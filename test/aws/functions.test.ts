import type { Context, DynamoDBStreamEvent, SQSEvent, SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createReceiver } from "#functions/coordinator/receive.ts";
import { createResponder } from "#functions/door/respond.ts";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { packText } from "#aws/commit-codec.ts";
import { commitItem } from "#aws/log-items.ts";
import { CommitCodec } from "#aws/names.ts";
import { createObserver, type Observer } from "#aws/observe.ts";
import type { ReturnSoon } from "#aws/sqs-returns.ts";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import { TRACEPARENT } from "./samples.ts";

// Only the id of a request is read from it.
const context = { awsRequestId: "request-1" } as Context;
const key = parseSessionKey({ tenant: "acme", session: "s-1" });

/** Only these fields of a record are read. */
const record = (queue: string, messageId: string, body: unknown): SQSRecord =>
  ({
    messageId,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    eventSourceARN: `arn:aws:sqs:eu-west-1:1:${queue}`,
  }) as unknown as SQSRecord;
const batch = (...records: readonly SQSRecord[]): SQSEvent => ({ Records: [...records] });
const failures = (...ids: readonly string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

let observer: Observer;
let lines: string[];
let soon: string[];
const returnSoon: ReturnSoon = (_records, returned, kind) => {
  soon.push(...returned.map((id) => `${kind} ${id}`));
  return Promise.resolve();
};

beforeEach(() => {
  soon = [];
  lines = [];
  observer = createObserver("test", (line) => void lines.push(line));
});

describe("the coordinator's function", () => {
  const seen: string[] = [];
  const coordinator = {
    inbox: (messages: readonly { readonly id: string }[]) => {
      seen.push(...messages.map(({ id }) => `inbox ${id}`));
      return Promise.resolve(["m2"].filter((id) => messages.some((one) => one.id === id)));
    },
    answers: (messages: readonly { readonly id: string }[]) => {
      seen.push(...messages.map(({ id }) => `answers ${id}`));
      return Promise.resolve([]);
    },
  };

  it("tells inbox and answers apart by their queues and returns only what must come again", async () => {
    const receive = createReceiver(coordinator, observer, returnSoon);
    const inbox = batch(record("spine-inbox.fifo", "m1", "{}"), record("spine-inbox.fifo", "m2", "{}"));
    expect(await receive(inbox, context)).toEqual(failures("m2"));
    expect(soon).toEqual(["inputs m2"]);
    expect(await receive(batch(record("spine-answers.fifo", "m3", "{}")), context)).toEqual(failures());
    expect(seen).toEqual(["inbox m1", "inbox m2", "answers m3"]);
  });

  it("takes nothing from any other queue", async () => {
    const receive = createReceiver(coordinator, observer, returnSoon);
    await expect(receive(batch(record("spine-deadlines", "m1", "{}")), context)).rejects.toThrow(
      "unknown queue",
    );
  });
});

describe("the door's function", () => {
  const proof = { ...key, task: "t-1", attempt: 1, token: "secret" };
  const door = {
    look: () => Promise.resolve({ go: true as const }),
    claim: () => Promise.reject(new SpineError("task.token", "No.")),
    answer: () => Promise.reject(new SpineError("log.unavailable", "Down.", { retryable: true })),
  };

  it("answers with the verdict", async () => {
    const respond = createResponder(door, observer);
    expect(await respond({ op: "look", proof }, context)).toEqual({ ok: true, verdict: { go: true } });
  });

  it("answers a refusal instead of throwing it", async () => {
    const respond = createResponder(door, observer);
    expect(await respond({ op: "claim", proof, execution: "e" }, context)).toMatchObject({
      ok: false,
      error: { code: "task.token", retryable: false },
    });
    expect(await respond({ op: "answer", answer: proof }, context)).toMatchObject({
      ok: false,
      error: { code: "log.unavailable", retryable: true },
    });
  });

  it.each([undefined, null, "look", [], {}, { op: "arm-deadline" }, { op: "claim", proof }])(
    "refuses %j by naming the field",
    async (request) => {
      const respond = createResponder(door, observer);
      expect(await respond(request, context)).toMatchObject({
        ok: false,
        error: { code: "answer.malformed", problems: [{ field: expect.any(String) as string }] },
      });
    },
  );
});

describe("the relay's function", () => {
  const commit = { first: 4, last: 5, text: "{}", snapshot: false };
  const inserted = (kind: string, first = 4) => ({
    eventName: "INSERT" as const,
    dynamodb: {
      NewImage: {
        pk: { S: "acme/s-1" },
        sk: { N: String(first) },
        kind: { S: kind },
        last: { N: "5" },
        text: { S: "{}" },
        snapshot: { BOOL: false },
      },
    },
  });
  const make = (fails: boolean) => {
    const relayed: StreamRecord[] = [];
    const places: unknown[] = [];
    const log = createMemorySessionLog();
    const receive = createRelayReceiver({
      relay: (records) => {
        relayed.push(...records);
        return Promise.resolve(fails ? records : []);
      },
      log,
      retryLater: (later) => Promise.resolve(void places.push(...later)),
      returnSoon,
      observer,
    });
    return { receive, relayed, places, log };
  };

  it("relays inserted commits and nothing else of the table", async () => {
    const { receive, relayed, places } = make(false);
    const removed = { ...inserted("commit"), eventName: "REMOVE" as const };
    const event: DynamoDBStreamEvent = {
      Records: [inserted("commit"), inserted("marker"), inserted("health"), removed],
    };
    expect(await receive(event, context)).toEqual(failures());
    expect(relayed).toEqual([{ ...key, commit }]);
    expect(places).toEqual([]);
  });

  it("reads packed texts as the stream carries them, and puts aside what cannot be read without holding up the rest", async () => {
    const { receive, relayed, places } = make(false);
    const text = `{"events":[${"1,".repeat(200)}1]}`;
    const { codec, text: packed } = packText(text, CommitCodec.deflate1);
    const inBase64 = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString("base64");
    const withText = (first: number, more: object) => {
      const record = inserted("commit", first);
      return { ...record, dynamodb: { NewImage: { ...record.dynamodb.NewImage, ...more } } };
    };
    const event = {
      Records: [
        withText(4, { text: { B: inBase64(packed?.B?.slice(0, 9)) }, codec }),
        withText(5, { text: { B: inBase64(packed?.B) }, codec }),
      ],
    };
    expect(await receive(event, context)).toEqual(failures());
    expect(relayed).toEqual([{ ...key, commit: { ...commit, first: 5, text } }]);
    expect(places).toEqual([{ tenant: "acme", session: "s-1", first: 4 }]);
  });

  it("puts the place of a failed commit aside, so that its shard goes on", async () => {
    const { receive, places } = make(true);
    expect(await receive({ Records: [inserted("commit")] }, context)).toEqual(failures());
    expect(places).toEqual([{ tenant: "acme", session: "s-1", first: 4 }]);
  });

  it("reads a commit that was put aside again by its key", async () => {
    const place = { tenant: "acme", session: "s-1", first: 4 };
    const { receive, relayed, log } = make(false);
    await log.append(key, commit);
    expect(await receive(batch(record("spine-relay-retries", "m1", place)), context)).toEqual(failures());
    expect(relayed).toEqual([{ ...key, commit }]);
  });

  it("returns what fails again, or cannot be read, and takes what retention deleted as done", async () => {
    const { receive, log } = make(true);
    await log.append(key, commit);
    const event = batch(
      record("spine-relay-retries", "m1", { ...key, first: 4 }),
      record("spine-relay-retries", "m2", "not JSON"),
      record("spine-relay-retries", "m3", { ...key, first: 99 }),
    );
    expect(await receive(event, context)).toEqual(failures("m1", "m2"));
    expect(soon).toEqual(["events m1", "events m2"]);
  });
});

describe("the line of an invocation", () => {
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it("is one, with tenant, session, sequence and correlation, and no text of a person", async () => {
    const log = observer.watch(createMemorySessionLog());
    const text = JSON.stringify({
      inputs: [{ id: 'a "correlation":"no"', correlation: "order-1" }],
      events: ["Ada"],
    });
    await observer.invocation(context, { traceparent: TRACEPARENT }, () =>
      log.append(key, { first: 1, last: 3, text, snapshot: false }),
    );
    const [line, ...others] = parsed().filter((one) => one["message"] !== undefined);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      level: "INFO",
      service: "test",
      requestId: "request-1",
      tenant: "acme",
      session: "s-1",
      sequence: 3,
      correlation: "order-1",
      traceparent: TRACEPARENT,
    });
    expect(lines.join()).not.toContain("Ada");
  });

  it("is alone where nothing was counted, and says nothing that is the same in every line", async () => {
    await observer.invocation(context, {}, () => Promise.resolve(observer.count("Troubles", 0)));
    const [line, ...others] = parsed();
    expect(others).toEqual([]);
    expect(Object.keys(line ?? {})).toEqual(["level", "message", "timestamp", "service", "requestId"]);
  });

  it("names X-Ray's trace where X-Ray keeps it", async () => {
    const root = "1-5759e988-bd862e3fe1be46a994272793";
    for (const [sampled, named] of [
      [1, root],
      [0, undefined],
    ] as const) {
      vi.stubEnv("_X_AMZN_TRACE_ID", `Root=${root};Parent=557abcec3ee5a047;Sampled=${sampled}`);
      lines.length = 0;
      await observer.invocation(context, {}, () => Promise.resolve());
      expect(parsed()[0]?.["xray_trace_id"]).toBe(named);
    }
    vi.unstubAllEnvs();
  });

  it("of the relay names every session that it relayed, with its correlation", async () => {
    const receive = createRelayReceiver({
      relay: () => Promise.resolve([]),
      log: createMemorySessionLog(),
      retryLater: () => Promise.resolve(),
      returnSoon,
      observer,
    });
    const image = (session: string) => ({
      ...commitItem(
        { ...key, session: parseSessionKey({ tenant: "acme", session }).session },
        { first: 1, last: 2, text: `{"inputs":[{"correlation":"of ${session}"}]}`, snapshot: false },
        CommitCodec.plain,
      ),
    });
    const records = ["s-1", "s-2"].map((session) => ({
      eventName: "INSERT" as const,
      dynamodb: { NewImage: image(session) },
    }));
    await receive({ Records: records } as DynamoDBStreamEvent, context);
    expect(parsed()).toMatchObject([
      {
        sessions: [
          { tenant: "acme", session: "s-1", sequence: 2, correlation: "of s-1" },
          { tenant: "acme", session: "s-2", sequence: 2, correlation: "of s-2" },
        ],
      },
    ]);
  });

  it("names troubles by code and leaves out what a message quotes", async () => {
    await observer.invocation(context, {}, () => {
      observer.onTrouble(new SpineError("id.invalid", 'session: "Ada Lovelace" is no id'), "reading m1");
      return Promise.resolve();
    });
    const [line] = parsed();
    expect(line).toMatchObject({ level: "WARN", troubles: [{ what: "reading m1", code: "id.invalid" }] });
    expect(lines.join()).not.toContain("Ada");
  });

  it("counts sessions that cannot be read, for an alarm to ring", async () => {
    await observer.invocation(context, {}, () => {
      observer.onTrouble(new SpineError("session.unreadable", "Damaged."), "advancing");
      return Promise.resolve();
    });
    expect(parsed().find((line) => "_aws" in line)).toMatchObject({ Troubles: 1, UnreadableSessions: 1 });
  });

  it("counts under the name of its function, so that two spines have alarms of their own", async () => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "shop-door");
    const own = createObserver("door", (line) => void lines.push(line));
    await own.invocation(context, {}, () => Promise.resolve(own.count("LostRaces")));
    vi.unstubAllEnvs();
    expect(parsed().find((line) => "_aws" in line)).toMatchObject({ service: "shop-door", LostRaces: 1 });
  });

  it("counts commits and lost races as metrics of the embedded format", async () => {
    const log = observer.watch(createMemorySessionLog());
    const commit = { first: 1, last: 1, text: "{}", snapshot: false };
    await observer.invocation(context, {}, async () => {
      await log.append(key, commit);
      await log.append(key, commit);
    });
    const metrics = parsed().find((line) => "_aws" in line);
    expect(metrics).toMatchObject({ service: "test", Commits: 1, LostRaces: 1 });
  });

  it("is written for a failed invocation as well, whose error goes on", async () => {
    const failing = observer.invocation(context, {}, () => Promise.reject(new TypeError("broken")));
    await expect(failing).rejects.toThrow("broken");
    expect(parsed()[0]).toMatchObject({ troubles: [{ code: "TypeError", message: "broken" }] });
  });
});
