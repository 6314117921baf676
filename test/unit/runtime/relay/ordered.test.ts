import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { RelayWork } from "#runtime/relay/relay-work.ts";
import { createBench, eventInput, sessionKey, tell, type Bench } from "../engine.ts";
import { down, noting, relayOn, type RelayBench } from "./bench.ts";

const A = sessionKey("a");

/** Sessions with so many commits each, in a log whose stream nobody has read. */
async function committed(sessions: Readonly<Record<string, number>>): Promise<Bench> {
  const bench = createBench({ flows: [noting] });
  for (const [name, commits] of Object.entries(sessions)) {
    for (let at = 1; at <= commits; at += 1)
      await tell(bench, [eventInput(String(at), { text: String(at) })], sessionKey(name));
  }
  return bench;
}

const commitsOf = ({ records }: Bench, { session }: SessionKey = A): readonly string[] =>
  records.filter((record) => record.session === session).map(({ commit }) => `${session} ${commit.first}`);

/** Each once, where it came first: later ones are repetitions, which a subscriber knows by their sequence. */
const firstOf = (delivered: readonly string[] = []): readonly string[] => [...new Set(delivered)];

const recordOf = (bench: Bench, place: number): RelayWork => {
  const record = bench.records[place];
  if (record === undefined) throw new Error(`There is no record ${place}.`);
  return record;
};

describe("an ordered subscription", () => {
  it("gets a session's commits in order from an unordered batch", async () => {
    const bench = await committed({ a: 5 });
    const { relay, delivered } = relayOn(bench);
    expect(await relay(bench.records.toReversed())).toEqual([]);
    expect(delivered.get("crm")).toEqual(commitsOf(bench));
  });

  it("gets early commits after the missing ones, which are read from the log", async () => {
    const bench = await committed({ a: 4 });
    const { relay, delivered } = relayOn(bench);
    await relay([recordOf(bench, 2)]);
    expect(delivered.get("crm")).toEqual(commitsOf(bench).slice(0, 3));
    for (const place of [0, 1, 3]) await relay([recordOf(bench, place)]);
    expect(delivered.get("crm")).toEqual(commitsOf(bench));
  });

  it("gets no commit of a session before one that its queue rejected", async () => {
    const bench = await committed({ a: 3, b: 1 });
    const poison = recordOf(bench, 1).commit.first;
    let broken = true;
    const { relay, delivered } = relayOn(bench, {
      deliver: (_, { session, first }) => {
        if (broken && session === "a" && first === poison) throw down;
      },
    });
    const left = await relay(bench.records);
    expect(left.map(({ commit }) => commit.first)).toEqual(
      [1, 2].map((at) => recordOf(bench, at).commit.first),
    );
    expect(delivered.get("crm")).toEqual([
      ...commitsOf(bench).slice(0, 1),
      ...commitsOf(bench, sessionKey("b")),
    ]);
    broken = false;
    // The last comes back before the one that failed.
    for (const work of left.toReversed()) expect(await relay([work])).toEqual([]);
    expect(delivered.get("crm")?.filter((one) => one.startsWith("a"))).toEqual(commitsOf(bench));
  });

  it("gets a commit again only when an operator asks for it", async () => {
    const bench = await committed({ a: 2 });
    const { relay, delivered } = relayOn(bench);
    await relay(bench.records);
    await relay(bench.records);
    expect(delivered.get("crm")).toEqual(commitsOf(bench));
    await relay([{ ...recordOf(bench, 0), again: true }]);
    expect(delivered.get("crm")).toEqual([...commitsOf(bench), commitsOf(bench)[0]]);
  });

  it("does not wait for others, and one that is added later gets its sessions complete", async () => {
    const bench = await committed({ a: 3 });
    let broken = true;
    const { relay, delivered } = relayOn(bench, {
      subscriptions: ["crm", "audit"],
      deliver: (name) => {
        if (broken && name === "audit") throw down;
      },
    });
    expect(await relay(bench.records.slice(0, 2))).toHaveLength(2);
    expect(delivered.get("crm")).toEqual(commitsOf(bench).slice(0, 2));
    broken = false;
    await relay([recordOf(bench, 2)]);
    expect(delivered.get("audit")).toEqual(commitsOf(bench));
    expect(delivered.get("crm")).toEqual(commitsOf(bench));
  });

  it("skips a commit that its queue rejects permanently, and a letter reports it", async () => {
    const bench = await committed({ a: 3 });
    const poison = recordOf(bench, 1).commit.first;
    const { relay, delivered } = relayOn(bench, {
      deliver: (_, { first }) => {
        if (first === poison) throw new SpineError("queue.rejected", "InvalidMessageContents");
      },
    });
    expect((await relay(bench.records)).map(({ commit }) => commit.first)).toEqual([poison]);
    expect(delivered.get("crm")).toEqual(commitsOf(bench).toSpliced(1, 1));
  });

  it("skips a commit that can no longer be read", async () => {
    const bench = await committed({ a: 3 });
    const log = {
      ...bench.engine.log,
      readAfter: () => Promise.resolve([{ ...recordOf(bench, 0).commit, text: "{" }]),
    };
    const { relay, delivered } = relayOn({ ...bench, engine: { ...bench.engine, log } });
    await relay([recordOf(bench, 1)]);
    expect(delivered.get("crm")).toEqual(commitsOf(bench).slice(1, 2));
    expect(bench.troubles).toEqual([`skipping commit ${recordOf(bench, 0).commit.first} of acme/a`]);
  });

  it("gets its commits after its unknown progress is known again", async () => {
    const bench = await committed({ a: 1 });
    const { relay, delivered, progress } = relayOn(bench);
    const { reached } = progress;
    Object.assign(progress, { reached: () => Promise.reject(down) });
    const left = await relay(bench.records);
    expect(left.map((work) => work.left)).toEqual([["subscriptions"]]);
    Object.assign(progress, { reached });
    await relay(left);
    expect(delivered.get("crm")).toEqual(commitsOf(bench));
  });

  it("gets every commit in order, despite reordered items, failing batches and failing messages", async () => {
    const stream = fc.record({
      a: fc.integer({ min: 1, max: 6 }),
      b: fc.integer({ min: 1, max: 4 }),
      order: fc.infiniteStream(fc.nat()),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      sideBySide: fc.infiniteStream(fc.boolean()),
      failing: fc.array(fc.nat({ max: 30 }), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(stream, async ({ a, b, order, sizes, sideBySide, failing }) => {
        const bench = await committed({ a, b });
        let sent = 0;
        const fails = new Set(failing);
        const { relay, delivered } = relayOn(bench, {
          subscriptions: ["crm", "audit"],
          deliver: async () => {
            const own = sent++;
            // Some turns later, so that batches that run side by side mix.
            for (let turn = 0; turn < own % 3; turn += 1) await Promise.resolve();
            if (fails.has(own)) throw down;
          },
        });
        await drain(relay, bench.records, { order, sizes, sideBySide });
        for (const name of ["crm", "audit"]) {
          const first = firstOf(delivered.get(name));
          for (const session of ["a", "b"])
            expect(first.filter((one) => one.startsWith(session))).toEqual(
              commitsOf(bench, sessionKey(session)),
            );
        }
      }),
      { numRuns: 200 },
    );
  });
});

interface Chances {
  readonly order: fc.Stream<number>;
  readonly sizes: fc.Stream<number>;
  readonly sideBySide: fc.Stream<boolean>;
}

/** A stream that keeps the order of an item only: any record may come next, and two batches may run at once. */
async function drain(
  relay: RelayBench["relay"],
  records: readonly RelayWork[],
  { order, sizes, sideBySide }: Chances,
): Promise<void> {
  const waiting = [...records];
  const draw = <T>(from: fc.Stream<T>): T => from.next().value as T;
  const take = (): readonly RelayWork[] =>
    Array.from({ length: Math.min(draw(sizes), waiting.length) }, () =>
      waiting.splice(draw(order) % waiting.length, 1),
    ).flat();
  while (waiting.length > 0) {
    const batches = draw(sideBySide) ? [take(), take()] : [take()];
    for (const left of await Promise.all(batches.map((batch) => relay(batch)))) waiting.push(...left);
  }
}
