import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { transform } from "#core/flow/build.ts";
import type { SessionAdvanced } from "#core/session/messages.ts";
import { createDoor } from "#runtime/create-door.ts";
import { createRelay, type RelayPorts } from "#runtime/create-relay.ts";
import {
  answerOf,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  type Bench,
  type BenchOptions,
} from "./engine.ts";

const down = new SpineError("queue.rejected", "The queue took nothing.", { retryable: true });
const noting = flowOf(transform({ note: "input.text" }));

/** A relay whose ports remember what they were given. */
function relayOn(bench: Bench, failing: Partial<RelayPorts> = {}) {
  const armed: string[] = [];
  const published: SessionAdvanced[] = [];
  const delivered: SessionAdvanced[] = [];
  const relay = createRelay(bench.engine, {
    deadlines: { arm: (key, at) => (armed.push(`${key.session} ${at}`), Promise.resolve()) },
    publish: { publish: (advances) => (published.push(...advances), Promise.resolve()) },
    subscriptions: { deliver: (advance) => (delivered.push(advance), Promise.resolve()) },
    ...failing,
  });
  return { relay, armed, published, delivered };
}

async function working(options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench(options);
  await tell(bench, [eventInput("1")]);
  return bench;
}

describe("the relay", () => {
  it("repeats a commit's dispatches, the same messages once more", async () => {
    const bench = await working();
    const { relay } = relayOn(bench);
    expect(await relay(bench.records)).toEqual([]);
    const [first, second, ...others] = bench.sent;
    expect(second).toEqual(first);
    expect(others).toEqual([]);
  });

  it("arms the deadlines that a commit orders", async () => {
    const bench = await working();
    const { relay, armed } = relayOn(bench);
    await relay(bench.records);
    const state = await bench.reader.current(KEY);
    expect(armed).toEqual(state.armed.map((at) => `${KEY.session} ${at}`));
    expect(armed.length).toBeGreaterThan(0);
  });

  it("publishes each commit with its hash, its types and its events, and without a token", async () => {
    const bench = await working();
    const { relay, published } = relayOn(bench);
    await relay(bench.records);
    const [record] = bench.records;
    const [commit] = await bench.reader.allCommits(KEY);
    expect(published).toMatchObject([
      {
        tenant: KEY.tenant,
        session: KEY.session,
        first: 1,
        last: commit?.last,
        hash: digest.sha256(record?.commit.text ?? ""),
        types: [...new Set(commit?.events.map(({ type }) => type))],
        correlation: ["1"],
      },
    ]);
    expect(published[0]?.events.map((event) => event["sequence"])).toEqual(
      commit?.events.map(({ sequence }) => String(sequence)),
    );
    expect(JSON.stringify(published)).not.toContain(lastSent(bench).token);
  });

  it("delivers to ordered subscriptions in the order of the log", async () => {
    const bench = createBench({ flows: [noting] });
    for (const id of ["1", "2", "3"]) await tell(bench, [eventInput(id, { text: id })]);
    const { relay, delivered } = relayOn(bench);
    await relay(bench.records);
    expect(delivered.map(({ first }) => first)).toEqual(bench.records.map(({ commit }) => commit.first));
  });

  it("sends a large view's link again", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1", { text: "x".repeat(60_000) })]);
    await relayOn(bench).relay(bench.records);
    expect(bench.sent).toHaveLength(2);
    expect(bench.sent[1]?.viewUrl).toBe(bench.sent[0]?.viewUrl);
  });
});

describe("a record that fails", () => {
  /** Three commits of session a around one of session b, of which a's second cannot be delivered. */
  async function oneFails() {
    const bench = createBench({ flows: [noting] });
    const [a, b] = [sessionKey("a"), sessionKey("b")];
    await tell(bench, [eventInput("1", { text: "1" })], a);
    await tell(bench, [eventInput("2", { text: "2" })], a);
    await tell(bench, [eventInput("3", { text: "3" })], b);
    await tell(bench, [eventInput("4", { text: "4" })], a);
    const poison = bench.records[1];
    const delivered: string[] = [];
    const { relay, published } = relayOn(bench, {
      subscriptions: {
        deliver: ({ session, first }) => {
          if (session === "a" && first === poison?.commit.first) return Promise.reject(down);
          delivered.push(`${session} ${first}`);
          return Promise.resolve();
        },
      },
    });
    return { bench, relay, delivered, published };
  }

  it("holds back the later ones of its session and no other's", async () => {
    const { bench, relay } = await oneFails();
    const failed = await relay(bench.records);
    expect(failed).toEqual([bench.records[1], bench.records[3]]);
    expect(bench.troubles).toHaveLength(1);
  });

  it("is not published, nor is anything after it in its session", async () => {
    const { bench, relay, published } = await oneFails();
    await relay(bench.records);
    const told = published.map(({ session, first }) => `${session} ${first}`);
    expect(told).toEqual([`a ${bench.records[0]?.commit.first}`, `b ${bench.records[2]?.commit.first}`]);
  });

  it.each([
    [
      "the dispatch",
      (bench: Bench) => ({ engine: { ...bench.engine, dispatch: { send: () => Promise.reject(down) } } }),
    ],
    ["the publication", () => ({ ports: { publish: { publish: () => Promise.reject(down) } } })],
    ["arming", () => ({ ports: { deadlines: { arm: () => Promise.reject(down) } } })],
  ])("by %s comes back", async (_what, broken) => {
    const bench = await working();
    const { engine = bench.engine, ports = {} } = broken(bench) as {
      readonly engine?: Bench["engine"];
      readonly ports?: Partial<RelayPorts>;
    };
    const { relay } = relayOn({ ...bench, engine }, ports);
    expect(await relay(bench.records)).toEqual(bench.records);
  });

  it("because it is not a commit comes back alone", async () => {
    const bench = await working();
    const [record] = bench.records;
    if (record === undefined) throw new Error("Nothing was recorded.");
    const garbage = { ...sessionKey("other"), commit: { ...record.commit, text: "{" } };
    const { relay, published } = relayOn(bench);
    expect(await relay([garbage, record])).toEqual([garbage]);
    expect(published).toHaveLength(1);
  });
});

describe("an order that SQS has forgotten", () => {
  const OLD_MS = 240_000;

  it("is not sent again once its attempt is answered", async () => {
    const bench = await working();
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "done" })));
    bench.clock.advanceBy(OLD_MS);
    await relayOn(bench).relay(bench.records);
    expect(bench.sent).toHaveLength(1);
  });

  it("is sent again while its attempt still counts", async () => {
    const bench = await working();
    bench.clock.advanceBy(OLD_MS);
    await relayOn(bench).relay(bench.records);
    expect(bench.sent).toHaveLength(2);
  });

  it("is still dropped by SQS a moment earlier: the log is not asked", async () => {
    const bench = await working();
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "done" })));
    bench.clock.advanceBy(OLD_MS - 1);
    await relayOn(bench).relay(bench.records);
    expect(bench.sent).toHaveLength(2);
  });
});
