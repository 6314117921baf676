import type { Context, DynamoDBStreamEvent, SQSEvent, SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ProveReceived } from "#aws/sqs/sqs-proof.ts";
import { serializeTombstone } from "#core/session/tombstone.ts";
import { createReceiver } from "#functions/coordinator/receive.ts";
import { createResponder } from "#functions/door/respond.ts";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { createObserver, type Observer } from "#aws/observe/observe.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
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

const proveAll: ProveReceived = () => Promise.resolve(new Set<SQSRecord>());

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

  it("distinguishes inbox and answers by their queues and returns only what must be redelivered", async () => {
    const receive = createReceiver({ coordinator, prove: proveAll, observer, returnSoon });
    const inbox = batch(record("spine-inbox.fifo", "m1", "{}"), record("spine-inbox.fifo", "m2", "{}"));
    expect(await receive(inbox, context)).toEqual(failures("m2"));
    expect(soon).toEqual(["inputs m2"]);
    expect(await receive(batch(record("spine-answers.fifo", "m3", "{}")), context)).toEqual(failures());
    expect(seen).toEqual(["inbox m1", "inbox m2", "answers m3"]);
  });

  it("delays messages that wait for a newer version longer than others", async () => {
    const waiting = {
      ...coordinator,
      inbox: (messages: readonly { readonly id: string }[], awaitsNewer?: (id: string) => void) => {
        awaitsNewer?.("m1");
        return Promise.resolve(messages.map(({ id }) => id));
      },
    };
    const inbox = batch(record("spine-inbox.fifo", "m1", "{}"), record("spine-inbox.fifo", "m2", "{}"));
    expect(
      await createReceiver({ coordinator: waiting, prove: proveAll, observer, returnSoon })(inbox, context),
    ).toEqual(failures("m1", "m2"));
    expect(soon).toEqual(["inputs m2", "newer m1"]);
  });

  it("decides on no message that the inbox did not send, nor on later ones of its session", async () => {
    seen.length = 0;
    const asked: string[] = [];
    const receive = createReceiver({
      coordinator,
      prove: (records) => {
        asked.push(...records.map(({ messageId }) => messageId));
        return Promise.resolve(new Set(records.filter(({ messageId }) => messageId.startsWith("made-up"))));
      },
      observer,
      returnSoon,
    });
    const of = (id: string, group: string, body: unknown): SQSRecord => {
      const one = record("spine-inbox.fifo", id, body);
      return { ...one, attributes: { ...one.attributes, MessageGroupId: group } };
    };
    const answered = { ...key, input: { kind: "human", source: "arn:role", id: "1", ask: "a", value: true } };
    const deadline = { tenant: "acme", session: "s-1", input: { kind: "deadline", at: 5 } };
    const given = batch(
      of("made-up-1", "a", answered),
      of("behind", "a", deadline),
      of("own", "b", deadline),
      of("made-up-2", "c", { ...deadline, input: { ...deadline.input, kind: "deadline", ask: "a" } }),
    );
    expect(await receive(given, context)).toEqual(failures("made-up-1", "made-up-2", "behind"));
    expect(seen).toEqual(["inbox own"]);
    // A deadline says nothing that the state does not know: nobody is asked about it, and it is nothing else.
    expect(asked).toEqual(["made-up-1", "made-up-2"]);
  });

  it("rejects records of any other queue", async () => {
    const receive = createReceiver({ coordinator, prove: proveAll, observer, returnSoon });
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
    signals: (_proof: unknown, after: unknown) =>
      Promise.resolve({
        go: true as const,
        signals: [{ number: Number(after) + 1, name: "more", data: "x" }],
      }),
    answer: () => Promise.reject(new SpineError("log.unavailable", "Down.", { retryable: true })),
  };

  it("returns the verdict", async () => {
    const respond = createResponder(door, observer);
    expect(await respond({ op: "look", proof }, context)).toEqual({ ok: true, verdict: { go: true } });
    const told = { go: true, signals: [{ number: 3, name: "more", data: "x" }] };
    const asked = await respond({ op: "signals", proof, after: 2 }, context);
    expect(asked).toEqual({ ok: true, verdict: told });
    const over = { ok: true, verdict: { go: false, because: "fenced" } };
    expect(await respond({ op: "beat", proof }, context)).toEqual(over);
  });

  it("returns a rejection instead of throwing it", async () => {
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

  it.each([undefined, null, "look", [], {}, { op: "arm-deadline" }])(
    "rejects %j by naming the field",
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
    /** The session whose log cannot be read. */
    readonly ill?: string;
  }
  const make = ({ left, unreachable = false, ill }: Given = {}) => {
    const relayed: RelayWork[] = [];
    const ends: (RelayTimes | undefined)[] = [];
    const places: unknown[] = [];
    const log = createMemorySessionLog();
    for (const first of [4, 6, 8]) void log.append(key, { ...commit, first, last: first + 1 });
    const receive = createRelayReceiver({
      relay: (works, times) => {
        relayed.push(...works);
        ends.push(times);
        return Promise.resolve(left === undefined ? [] : works.map((work) => ({ ...work, left })));
      },
      log: {
        readAfter: (of, sequence, limit) =>
          of.session === ill
            ? Promise.reject(new SpineError("log.corrupt", "Damaged."))
            : log.readAfter(of, sequence, limit),
      },
      retries: {
        keep: (later) => {
          if (unreachable) return Promise.resolve(later.slice(1));
          places.push(...later);
          return Promise.resolve([]);
        },
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
    expect(relayed).toMatchObject([{ ...key, commit }]);
    expect(places).toEqual([]);
  });

  it("relays what the log contains, whatever a record says, and nothing that was never committed", async () => {
    const { receive, relayed, places } = make();
    const claiming = (first: number, more: object) => {
      const one = inserted("commit", first);
      return { ...one, dynamodb: { ...one.dynamodb, NewImage: { ...one.dynamodb.NewImage, ...more } } };
    };
    const text = { S: '{"directives":["made up"]}' };
    const elsewhere = { pk: { S: "acme/nobody" } };
    const Records = [claiming(4, { text }), claiming(5, { text }), claiming(99, {}), claiming(4, elsewhere)];
    lines.length = 0;
    expect(await receive({ Records }, context)).toEqual(failures());
    expect(relayed).toMatchObject([{ ...key, commit }]);
    expect(places).toEqual([]);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
      expect.arrayContaining([expect.objectContaining({ MadeUpRecords: 3 })]),
    );
  });

  it("ignores a commit that retention has expired", async () => {
    const { receive, relayed, log } = make();
    const times = { endedAt: 1, expiredAt: 2, until: 3 };
    const tombstone = serializeTombstone({ ...key, first: 100, previous: "h", ...times });
    await log.append(key, { first: 100, last: 100, text: tombstone, snapshot: true });
    lines.length = 0;
    expect(await receive({ Records: [inserted("commit", 99)] }, context)).toEqual(failures());
    expect(relayed).toEqual([]);
    expect(lines.join()).not.toContain("MadeUpRecords");
  });

  it("sends an unreadable session to the retry queue, and relays the others", async () => {
    const { receive, relayed, places } = make({ ill: "s-2" });
    const other = inserted("commit");
    const NewImage = { ...other.dynamodb.NewImage, pk: { S: "acme/s-2" } };
    const Records = [{ ...other, dynamodb: { ...other.dynamodb, NewImage } }, inserted("commit")];
    expect(await receive({ Records }, context)).toEqual(failures());
    expect(relayed).toMatchObject([{ ...key, commit }]);
    expect(places).toEqual([{ tenant: "acme", session: "s-2", first: 4 }]);
  });

  it("ends early enough for the retry queue, and lets slow targets block the stream for two seconds at most", async () => {
    const { receive, ends } = make();
    await receive({ Records: [inserted("commit")] }, context);
    await receive(batch(record("spine-relay-retries", "m1", whole)), context);
    expect(ends).toEqual([{ endsAt: 1_022_000, outsideMs: 2_000 }, { endsAt: 1_022_000 }]);
  });

  it("sends the position of a commit with its remaining work to the retry queue, so that its shard continues", async () => {
    const { receive, places } = make({ left: ["bus"] });
    expect(await receive({ Records: [inserted("commit")] }, context)).toEqual(failures());
    expect(places).toEqual([{ ...whole, left: ["bus"] }]);
  });

  it("reports what the retry queue rejects too, and nothing else", async () => {
    const { receive } = make({ left: ["directives"], unreachable: true });
    const Records = [inserted("commit", 4), inserted("commit", 6), inserted("commit", 8)];
    expect(await receive({ Records }, context)).toEqual(failures("6", "8"));
  });

  it("reads a commit from the retry queue again by its key, and does the remaining work", async () => {
    const { receive, relayed } = make();
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

  it("returns what fails again or cannot be read, and treats a commit that retention deleted as done", async () => {
    const { receive } = make({ left: ["bus"] });
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
