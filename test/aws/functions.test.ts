import type { Context, DynamoDBStreamEvent, SQSEvent, SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createReceiver } from "#functions/coordinator/receive.ts";
import { createResponder } from "#functions/door/respond.ts";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { packText } from "#aws/commit-codec.ts";
import { CommitCodec } from "#aws/names.ts";
import { createObserver, type Observer } from "#aws/observe.ts";
import type { ReturnSoon } from "#aws/sqs-returns.ts";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import type { RelayTimes, RelayWork } from "#runtime/relay/relay-work.ts";

// Only these fields are read from it.
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 30_000 } as Context;
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
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "spine-test");
  observer = createObserver("test", { write: (line) => void lines.push(line) });
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

  it("lets what waits for a newer version come again later than the rest", async () => {
    const waiting = {
      ...coordinator,
      inbox: (messages: readonly { readonly id: string }[], awaitsNewer?: (id: string) => void) => {
        awaitsNewer?.("m1");
        return Promise.resolve(messages.map(({ id }) => id));
      },
    };
    const inbox = batch(record("spine-inbox.fifo", "m1", "{}"), record("spine-inbox.fifo", "m2", "{}"));
    expect(await createReceiver(waiting, observer, returnSoon)(inbox, context)).toEqual(failures("m1", "m2"));
    expect(soon).toEqual(["inputs m2", "newer m1"]);
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
    beat: () => Promise.resolve({ go: false as const, because: "fenced" as const }),
    claim: () => Promise.reject(new SpineError("task.token", "No.")),
    answer: () => Promise.reject(new SpineError("log.unavailable", "Down.", { retryable: true })),
  };

  it("answers with the verdict", async () => {
    const respond = createResponder(door, observer);
    expect(await respond({ op: "look", proof }, context)).toEqual({ ok: true, verdict: { go: true } });
    const over = { ok: true, verdict: { go: false, because: "fenced" } };
    expect(await respond({ op: "beat", proof }, context)).toEqual(over);
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
      SequenceNumber: String(first),
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
  const whole = { tenant: "acme", session: "s-1", first: 4 };
  interface Given {
    /** What is left of every commit. @default nothing, all are relayed */
    readonly left?: RelayWork["left"];
    readonly unreachable?: boolean;
  }
  const make = ({ left, unreachable = false }: Given = {}) => {
    const relayed: RelayWork[] = [];
    const ends: (RelayTimes | undefined)[] = [];
    const places: unknown[] = [];
    const log = createMemorySessionLog();
    const receive = createRelayReceiver({
      relay: (works, times) => {
        relayed.push(...works);
        ends.push(times);
        return Promise.resolve(left === undefined ? [] : works.map((work) => ({ ...work, left })));
      },
      log,
      retryLater: (later) => {
        if (unreachable) return Promise.resolve(later.slice(1));
        places.push(...later);
        return Promise.resolve([]);
      },
      returnSoon,
      clock: { now: () => 1_000_000 },
      observer,
    });
    return { receive, relayed, places, ends, log };
  };

  it("relays inserted commits and nothing else of the table", async () => {
    const { receive, relayed, places } = make();
    const removed = { ...inserted("commit"), eventName: "REMOVE" as const };
    const event: DynamoDBStreamEvent = {
      Records: [inserted("commit"), inserted("marker"), inserted("health"), removed],
    };
    expect(await receive(event, context)).toEqual(failures());
    expect(relayed).toEqual([{ ...key, commit }]);
    expect(places).toEqual([]);
  });

  it("reads packed texts as the stream carries them, and puts aside what cannot be read without holding up the rest", async () => {
    const { receive, relayed, places } = make();
    const text = `{"events":[${"1,".repeat(200)}1]}`;
    const { codec, text: packed } = packText(text, CommitCodec.deflate1);
    const inBase64 = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString("base64");
    const withText = (first: number, more: object) => {
      const record = inserted("commit", first);
      return {
        ...record,
        dynamodb: { ...record.dynamodb, NewImage: { ...record.dynamodb.NewImage, ...more } },
      };
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

  it("ends early enough for the retry queue, and lets those outside hold up the stream for two seconds at most", async () => {
    const { receive, ends, log } = make();
    await log.append(key, commit);
    await receive({ Records: [inserted("commit")] }, context);
    await receive(batch(record("spine-relay-retries", "m1", whole)), context);
    expect(ends).toEqual([{ endsAt: 1_022_000, outsideMs: 2_000 }, { endsAt: 1_022_000 }]);
  });

  it("puts the place of a commit aside with what is left of it, so that its shard goes on", async () => {
    const { receive, places } = make({ left: ["bus"] });
    expect(await receive({ Records: [inserted("commit")] }, context)).toEqual(failures());
    expect(places).toEqual([{ ...whole, left: ["bus"] }]);
  });

  it("reports what the retry queue does not take either, and nothing else", async () => {
    const { receive } = make({ left: ["directives"], unreachable: true });
    const Records = [inserted("commit", 4), inserted("commit", 6), inserted("commit", 8)];
    expect(await receive({ Records }, context)).toEqual(failures("6", "8"));
  });

  it("reads a commit that was put aside again by its key, and does what is left", async () => {
    const { receive, relayed, log } = make();
    await log.append(key, commit);
    const retries = batch(
      record("spine-relay-retries", "m1", whole),
      record("spine-relay-retries", "m2", { ...whole, left: ["bus", "no part"], again: true }),
    );
    expect(await receive(retries, context)).toEqual(failures());
    expect(relayed).toEqual([
      { ...key, commit },
      { ...key, commit, left: ["bus"], again: true },
    ]);
  });

  it("returns what fails again, or cannot be read, and takes what retention deleted as done", async () => {
    const { receive, log } = make({ left: ["bus"] });
    await log.append(key, commit);
    const event = batch(
      record("spine-relay-retries", "m1", whole),
      record("spine-relay-retries", "m2", "not JSON"),
      record("spine-relay-retries", "m3", { ...key, first: 99 }),
      record("spine-relay-retries", "m4", { ...key }),
    );
    expect(await receive(event, context)).toEqual(failures("m2", "m4", "m1"));
    expect(soon).toEqual(["commits m2", "commits m4", "commits m1"]);
  });
});
