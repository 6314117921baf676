import { describe, expect, it } from "vitest";
import { serializeTombstone } from "#core/session/tombstone.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import type { RelayPorts } from "#runtime/relay/create-relay.ts";
import {
  answerOf,
  createBench,
  digest,
  eventInput,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  type Bench,
  type BenchOptions,
} from "../engine.ts";
import { down, relayOn } from "./bench.ts";

async function working(options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench(options);
  await tell(bench, [eventInput("1")]);
  return bench;
}

describe("the relay", () => {
  it("repeats a commit's dispatches with the same messages", async () => {
    const bench = await working();
    const { relay } = relayOn(bench);
    expect(await relay(bench.records)).toEqual([]);
    const [first, second, ...others] = bench.sent;
    expect(second).toEqual(first);
    expect(others).toEqual([]);
  });

  it("sends no task again that has arrived, as the commits of its batch or those read with it show", async () => {
    const bench = await working();
    const sent = lastSent(bench);
    await createDoor(bench.engine).answer(answerOf(sent, ok({ text: "done" })));
    const [first, answered] = bench.records;
    if (first === undefined || answered === undefined) throw new Error("two commits");
    await relayOn(bench).relay([first, answered]);
    await relayOn(bench).relay([{ ...first, later: [answered.commit] }]);
    expect(bench.sent).toEqual([sent]);
  });

  it("sends a task again when what came after it is nothing of its agent's", async () => {
    const bench = await working();
    const sent = lastSent(bench);
    await tell(bench, [eventInput("2")]);
    const [first, next] = bench.records;
    if (first === undefined || next === undefined) throw new Error("two commits");
    await relayOn(bench).relay([{ ...first, later: [next.commit] }]);
    expect(bench.sent.filter(({ task }) => task === sent.task)).toEqual([sent, sent]);
  });

  it("relays a commit whatever stands behind it: the session's tombstone, or what it cannot read", async () => {
    const bench = await working();
    const [first] = bench.records;
    if (first === undefined) throw new Error("a commit");
    const { last } = first.commit;
    const times = { endedAt: 1, expiredAt: 2, until: 3 };
    const tombstone = serializeTombstone({ ...KEY, first: last + 1, previous: "", ...times });
    for (const text of [tombstone, "?"]) {
      const later = [{ first: last + 1, last: last + 1, text, snapshot: true }];
      expect(await relayOn(bench).relay([{ ...first, later }])).toEqual([]);
    }
    expect(bench.sent).toHaveLength(3);
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

  it("links to a large view again", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1", { text: "x".repeat(60_000) })]);
    await relayOn(bench).relay(bench.records);
    expect(bench.sent).toHaveLength(2);
    expect(bench.sent[1]?.viewUrl).toBe(bench.sent[0]?.viewUrl);
  });
});

describe("a commit that fails", () => {
  it.each([
    [
      "the dispatch",
      "directives",
      (bench: Bench) => ({ engine: { ...bench.engine, dispatch: { send: () => Promise.reject(down) } } }),
    ],
    ["arming", "directives", () => ({ ports: { deadlines: { arm: () => Promise.reject(down) } } })],
    [
      "the publication",
      "bus",
      () => ({
        ports: {
          publish: {
            publish: (advances) =>
              Promise.resolve(advances.map((advance) => ({ advance, reason: "Throttled" }))),
          },
        } satisfies Partial<RelayPorts>,
      }),
    ],
    ["a subscription", "subscriptions", () => ({ ports: { deliver: () => Promise.reject(down) } })],
  ])("by %s returns with that part only", async (_what, part, broken) => {
    const bench = await working();
    const { engine = bench.engine, ports = {} } = broken(bench) as {
      readonly engine?: Bench["engine"];
      readonly ports?: Partial<RelayPorts>;
    };
    const { relay } = relayOn({ ...bench, engine }, ports);
    const left = await relay(bench.records);
    expect(left).toEqual(bench.records.map((record) => ({ ...record, left: [part] })));
    expect(bench.troubles).toHaveLength(1);
  });

  it("is done when its remaining part is, and nothing else is repeated", async () => {
    const bench = await working();
    const { relay, armed, published, delivered } = relayOn(bench);
    expect(await relay(bench.records.map((record) => ({ ...record, left: ["bus"] as const })))).toEqual([]);
    expect(bench.sent).toHaveLength(1);
    expect(armed).toEqual([]);
    expect(delivered.get("crm")).toEqual([]);
    expect(published).toHaveLength(1);
  });

  it("still arms its deadline when its agent's queue rejects everything", async () => {
    const bench = await working();
    const engine = { ...bench.engine, dispatch: { send: () => Promise.reject(down) } };
    const { relay, armed, published } = relayOn({ ...bench, engine });
    await relay(bench.records);
    expect(armed).toHaveLength(1);
    expect(published).toHaveLength(1);
  });

  it("because it cannot be read returns alone, and whole", async () => {
    const bench = await working();
    const [record] = bench.records;
    if (record === undefined) throw new Error("Nothing was recorded.");
    const garbage = { ...sessionKey("other"), commit: { ...record.commit, text: "{" } };
    const { relay, published } = relayOn(bench);
    expect(await relay([garbage, record])).toEqual([garbage]);
    expect(published).toHaveLength(1);
  });
});

describe("a batch", () => {
  /** Twenty-five sessions with a commit each. */
  async function many() {
    const bench = createBench();
    for (let at = 0; at < 25; at += 1) await tell(bench, [eventInput("1")], sessionKey(`s-${at}`));
    return bench;
  }

  it("performs all its dispatches and deadlines before it publishes", async () => {
    const bench = await many();
    const before: number[] = [];
    const { relay, armed } = relayOn(bench, {
      publish: {
        publish: () => (before.push(armed.length, bench.sent.length), Promise.resolve([])),
      },
      deliver: () => void before.push(armed.length, bench.sent.length),
    });
    expect(await relay(bench.records)).toEqual([]);
    expect(new Set(before)).toEqual(new Set([25, 50]));
  });

  it("is published in tens", async () => {
    const bench = await many();
    const sizes: number[] = [];
    const { relay } = relayOn(bench, {
      publish: { publish: (advances) => (sizes.push(advances.length), Promise.resolve([])) },
    });
    await relay(bench.records);
    expect(sizes).toEqual([10, 10, 5]);
  });

  it("stops asking a failing bus, and returns the rest", async () => {
    const bench = await many();
    let asked = 0;
    const { relay } = relayOn(bench, {
      publish: {
        publish: (advances) => {
          asked += 1;
          const refused = asked === 2 ? advances.slice(0, 1) : [];
          return Promise.resolve(refused.map((advance) => ({ advance, reason: "Throttled" })));
        },
      },
    });
    const left = await relay(bench.records);
    expect(asked).toBe(2);
    expect(left.map(({ session }) => session)).toEqual(["s-10", "s-20", "s-21", "s-22", "s-23", "s-24"]);
    expect(left.map((work) => work.left)).toEqual(left.map(() => ["bus"]));
  });

  it("ends in time even if no request is ever answered", async () => {
    const bench = await many();
    const never = () => new Promise<never>(() => undefined);
    const engine = { ...bench.engine, dispatch: { send: never } };
    const { relay, armed } = relayOn({ ...bench, engine }, { publish: { publish: never }, deliver: never });
    const relaying = relay(bench.records, { endsAt: bench.clock.now() + 5_000 });
    await bench.clock.runBy(5_000);
    const left = await relaying;
    expect(armed).toHaveLength(25);
    expect(left).toHaveLength(25);
    expect(left[0]?.left).toEqual(["directives", "subscriptions", "bus"]);
    expect(bench.clock.waiting).toBe(0);
  });
});

describe("a dispatch that SQS no longer deduplicates", () => {
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

  it("is still dropped by SQS a moment earlier, without reading the log", async () => {
    const bench = await working();
    const [first] = bench.records;
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "done" })));
    bench.clock.advanceBy(OLD_MS - 1);
    // A commit of the retry queue is read alone.
    await relayOn(bench).relay(first === undefined ? [] : [first]);
    expect(bench.sent).toHaveLength(2);
  });
});
