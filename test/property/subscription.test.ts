import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serializeCommit } from "#core/session/codec.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { SessionState } from "#core/session/state.ts";
import { foldAdvance, inOrder } from "#core/session/subscription.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { advanceOf } from "#runtime/session/advance-of.ts";
import { createWholeCommits } from "#runtime/session/known-flows.ts";
import { canonicalText } from "#core/flow/flow-text.ts";
import { createSubscriber, type Subscriber } from "#runtime/relay/create-subscriber.ts";
import { World } from "#testing/given-when-then.ts";
import { pick, seededChance, upTo, type Chance } from "#simulator/random-flow.ts";
import { randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const digest = createNodeDigest();
/** Few ids, so that some leave the window. */
const LIMITS = { hops: 60, idWindow: 4, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };

/** A random session's log, and what was published of it. */
async function played(seed: number) {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { limits: LIMITS, check: false });
  runRandomly(world, session, chance, 30);
  const key = { tenant: world.state.tenant, session: world.state.session };
  const log = createMemorySessionLog();
  const published: SessionAdvanced[] = [];
  for (const { hash, flow } of session.application.flows) await log.flows.put(hash, canonicalText(flow));
  const whole = createWholeCommits({ log, digest });
  for (const commit of world.commits) {
    const text = serializeCommit(commit);
    await log.append(key, { first: commit.first, last: commit.last, text, snapshot: false });
    // Through a queue it travels as text.
    published.push(
      JSON.parse(JSON.stringify(advanceOf({ digest }, await whole(commit), text))) as SessionAdvanced,
    );
  }
  return { chance, key, log, published, expected: through(world.state) };
}

const through = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function shuffled<T>(chance: Chance, values: readonly T[]): readonly T[] {
  const left = [...values];
  return values.map(() => left.splice(upTo(chance, left.length - 1), 1)[0] as T);
}

/** A subscriber that keeps the state in memory, as text. */
function memoryMirror(): Subscriber<SessionState> & { kept?: string } {
  const mirror: Subscriber<SessionState> & { kept?: string } = {
    load: () =>
      Promise.resolve(mirror.kept === undefined ? undefined : (JSON.parse(mirror.kept) as SessionState)),
    take: foldAdvance,
    store: (_key, state) => {
      mirror.kept = JSON.stringify(state);
      return Promise.resolve();
    },
  };
  return mirror;
}

describe("a state rebuilt from publications", () => {
  it("equals the log's, with any duplicates and any order, when early ones are held", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { chance, published, expected } = await played(seed);
        let state: SessionState | undefined;
        let held: readonly SessionAdvanced[] = [];
        const twice = [...published, ...published.map(() => pick(chance, published))];
        for (const advance of shuffled(chance, twice)) {
          const { due, ahead } = inOrder(state?.sequence ?? 0, [...held, advance]);
          state = due.reduce<SessionState | undefined>(foldAdvance, state);
          held = ahead;
        }
        expect(held).toEqual([]);
        expect(through(state)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("equals the log's even if some never arrived, because the next one causes a read of the log", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { chance, key, log, published, expected } = await played(seed);
        const mirror = memoryMirror();
        const deliver = createSubscriber(mirror, { log, digest });
        const last = published.at(-1);
        const came = published.filter((advance) => advance === last || upTo(chance, 3) > 0);
        const left = [...shuffled(chance, [...came, ...came])];
        while (left.length > 0) {
          await deliver(key, left.splice(0, 1 + upTo(chance, 4)));
        }
        expect(JSON.parse(mirror.kept ?? "{}")).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
