import { describe, expect, it } from "vitest";
import { parseCommit } from "#core/session/codec.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { SessionState } from "#core/session/state.ts";
import { foldAdvance, inOrder } from "#core/session/subscription.ts";
import { advanceOf } from "#runtime/session/advance-of.ts";
import { createSubscriber } from "#runtime/relay/create-subscriber.ts";
import { createBench, digest, eventInput, KEY, sessionKey, tell } from "./engine.ts";

/** Three commits of a session, and a subscriber that remembers what it did. */
async function subscribed() {
  const bench = createBench();
  for (const id of ["1", "2", "3"]) await tell(bench, [eventInput(id)]);
  const published = bench.records.map(({ commit }) =>
    advanceOf({ digest }, parseCommit(KEY, commit), commit.text),
  );
  const [one, two, three] = published;
  if (one === undefined || two === undefined || three === undefined) throw new Error("Fewer than 3 commits.");
  let kept: SessionState | undefined;
  const taken: number[] = [];
  const stored: number[] = [];
  let reads = 0;
  const deliver = createSubscriber<SessionState>(
    {
      load: () => Promise.resolve(kept),
      take: (state, advance) => {
        taken.push(advance.first);
        return foldAdvance(state, advance);
      },
      store: (_key, state) => {
        kept = state;
        stored.push(state.sequence);
        return Promise.resolve();
      },
    },
    {
      digest,
      log: {
        ...bench.log,
        readAfter: (...page) => {
          reads += 1;
          return bench.log.readAfter(...page);
        },
      },
    },
  );
  return { bench, one, two, three, deliver, taken, stored, reads: () => reads, kept: () => kept };
}

const cut = (advance: SessionAdvanced): SessionAdvanced => ({ ...advance, events: [] });

describe("a subscriber", () => {
  it("takes commits in order once, stores its state once per batch, and does not read the log", async () => {
    const { one, two, three, deliver, taken, stored, reads, kept, bench } = await subscribed();
    await deliver(KEY, [one, two]);
    await deliver(KEY, [two, three]);
    expect(taken).toEqual([one.first, two.first, three.first]);
    expect(stored).toEqual([two.last, three.last]);
    expect(reads()).toBe(0);
    expect(kept()).toEqual(await bench.reader.current(KEY));
  });

  it("stores nothing when all commits were known", async () => {
    const { one, deliver, stored } = await subscribed();
    await deliver(KEY, [one]);
    await deliver(KEY, [one]);
    expect(stored).toEqual([one.last]);
  });

  it("reads missing commits from the log, and then treats the received one as known", async () => {
    const { one, two, three, deliver, taken, reads } = await subscribed();
    await deliver(KEY, [one]);
    await deliver(KEY, [three]);
    expect(taken).toEqual([one.first, two.first, three.first]);
    await deliver(KEY, [two]);
    expect(taken).toHaveLength(3);
    expect(reads()).toBe(1);
  });

  it("reads a commit from the log that was too large to travel with its events", async () => {
    const { one, two, deliver, taken, reads } = await subscribed();
    await deliver(KEY, [one, cut(two)]);
    expect(taken.slice(0, 2)).toEqual([one.first, two.first]);
    expect(reads()).toBe(1);
  });

  it("stores nothing of a batch that leads past the end of the log", async () => {
    const { three, deliver, stored } = await subscribed();
    const beyond = { ...three, first: three.last + 5, last: three.last + 6 };
    await expect(deliver(KEY, [beyond])).rejects.toMatchObject({ code: "log.corrupt" });
    expect(stored).toEqual([]);
  });
});

describe("a publication", () => {
  it("is never folded out of turn, into another session, or without its events", async () => {
    const { one, two } = await subscribed();
    const first = foldAdvance(undefined, one);
    const refused = { code: "log.corrupt" };
    expect(() => foldAdvance(undefined, two)).toThrow(expect.objectContaining(refused));
    expect(() => foldAdvance(first, { ...two, ...sessionKey("other") })).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => foldAdvance(first, cut(two))).toThrow(expect.objectContaining(refused));
  });

  it("is held while an earlier one is missing, once however often it arrived", async () => {
    const { one, two, three } = await subscribed();
    expect(inOrder(one.last, [three, three, one])).toEqual({ due: [], ahead: [three] });
    expect(inOrder(one.last, [three, two])).toEqual({ due: [two, three], ahead: [] });
  });
});
