import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { awaitReply } from "#runtime/doors/await-reply.ts";
import { createReplyTimes, type ReplyTimes } from "#runtime/doors/reply-times.ts";

const key = parseSessionKey({ tenant: "acme", session: "visit" });
const reply: StoredCommit = {
  first: 2,
  last: 2,
  snapshot: false,
  text: JSON.stringify({
    schemaVersion: 1,
    ...key,
    first: 2,
    last: 2,
    events: [{ type: "ReplySent", data: { run: "r", to: 1, body: {} }, sequence: 2 }],
  }),
};

/** Waits for a reply that is in the log after so long, while nothing takes time but waiting. */
async function waitFor(takesMs: number, times: ReplyTimes | undefined, waitMs = 25_000) {
  let now = 0;
  let looks = 0;
  const ports = {
    log: {
      readAfter: () => {
        looks += 1;
        return Promise.resolve(now >= takesMs ? [reply] : []);
      },
    },
    clock: { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) },
    ...(times !== undefined && { times }),
  };
  // Of both only what waiting uses.
  const found = await awaitReply(ports as unknown as Parameters<typeof awaitReply>[0], key, 1, waitMs);
  return { looks, foundAfter: now, found: found.reply !== undefined };
}

describe("the wait for a reply", () => {
  it("looks at once, and as often as ever, where nothing is known of such replies", async () => {
    expect(await waitFor(240, createReplyTimes()("acme/Asked"))).toEqual(await waitFor(240, undefined));
  });

  it("looks for the next one when four fifths of the shortest time are over", async () => {
    const times = createReplyTimes()("acme/Asked");
    for (const takesMs of [240, 300, 280]) await waitFor(takesMs, times);
    expect(times.firstLookMs()).toBe(192);
    expect([(await waitFor(240, undefined)).looks, (await waitFor(240, times)).looks]).toEqual([13, 4]);
  });

  it("looks at once again after the first look has found a reply, which may have been there for long", async () => {
    const times = createReplyTimes()("acme/Asked");
    await waitFor(400, times);
    const late = [];
    for (let round = 0; round < 3; round += 1) late.push((await waitFor(50, times)).foundAfter - 50);
    expect(late).toEqual([320, 10, 18]);
  });

  it("forgets a time after seven others", async () => {
    const times = createReplyTimes()("acme/Asked");
    await waitFor(100, times);
    for (let round = 0; round < 7; round += 1) times.note(500, false);
    expect(times.firstLookMs()).toBe(80);
    times.note(500, false);
    expect(times.firstLookMs()).toBe(400);
  });

  it("knows nothing of another kind of event", () => {
    const timesOf = createReplyTimes();
    timesOf("acme/Asked").note(1_000, false);
    expect([timesOf("acme/Other").firstLookMs(), timesOf("other/Asked").firstLookMs()]).toEqual([0, 0]);
  });

  it("keeps two hundred kinds, and of more those that were met last", () => {
    const timesOf = createReplyTimes();
    for (let kind = 0; kind <= 200; kind += 1) timesOf(`acme/${kind}`).note(1_000, false);
    expect(timesOf("acme/0").firstLookMs()).toBe(0);
    expect(timesOf("acme/1").firstLookMs()).toBe(500);
  });

  it("ends no later than it was asked to, whatever is known", async () => {
    const times = createReplyTimes()("acme/Asked");
    times.note(400, false);
    expect(await waitFor(5_000, times, 200)).toMatchObject({ found: false, foundAfter: 200 });
  });

  it("finds every reply, at most half a second late, after whatever came before", async () => {
    const durations = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(durations, async (all) => {
        const times = createReplyTimes()("acme/Asked");
        for (const takesMs of all) {
          const { found, foundAfter } = await waitFor(takesMs, times);
          expect(found).toBe(true);
          expect(foundAfter - takesMs).toBeLessThanOrEqual(500);
        }
      }),
    );
  });
});
