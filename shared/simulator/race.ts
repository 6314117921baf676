import { parseSessionId, parseTenantId } from "#core/ids.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { defineFlow, transform } from "#core/flow/build.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import type { Engine } from "#runtime/session/engine.ts";

/** Chooses which of the calls that wait goes on: 0 to `waiting - 1`. */
export type Turn = (waiting: number) => number;

export interface RaceResult {
  readonly events: readonly RecordedEvent[];
  /** What each writer was told, in the order of the writers. */
  readonly sequences: readonly number[];
  /** Commits that another writer was faster with. */
  readonly lost: number;
}

const digest = createNodeDigest();
const application = defineApplication(
  { agents: [], flows: [defineFlow({ name: "count", on: "Counted", plan: transform({ last: "input.n" }) })] },
  digest,
);
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Lets writers commit one input each to one session, every read and every put of theirs in the order that `turn` says. */
export async function raceWriters(writers: number, turn: Turn): Promise<RaceResult> {
  const log = createMemorySessionLog();
  const waiting: (() => void)[] = [];
  let lost = 0;
  const queued = <T>(perform: () => Promise<T>): Promise<T> =>
    new Promise<void>((resolve) => void waiting.push(resolve)).then(perform);
  const gated: SessionLog = {
    ...log,
    readTail: (key) => queued(() => log.readTail(key)),
    append: (key, commit) =>
      queued(async () => {
        const outcome = await log.append(key, commit);
        if (outcome === "conflict") lost += 1;
        return outcome;
      }),
  };
  const engine: Engine = {
    application,
    log: gated,
    digest,
    blobs: createMemoryBlobs(),
    dispatch: { send: () => Promise.resolve() },
    health: { breakerStates: () => Promise.resolve({}), report: () => undefined },
    heartbeats: { beat: () => Promise.resolve(), last: () => Promise.resolve([]) },
    clock: {
      now: () => 1_000,
      sleep: () => Promise.resolve(),
      alarm: () => ({ signal: NEVER, cancel: () => undefined, ring: () => undefined }),
    },
    ids: createSeededIds("race"),
    tokens: { issue: () => "", verify: () => false },
  };
  const tenant = parseTenantId("t");
  const sends = Array.from({ length: writers }, (_, n) =>
    createIngress(engine).send({ tenant, source: `writer-${n}` }, "s", {
      type: "Counted",
      id: "one",
      data: { n },
    }),
  );
  for (await settled(); waiting.length > 0; await settled()) waiting.splice(turn(waiting.length), 1)[0]?.();
  const sequences = (await Promise.all(sends)).map(({ sequence }) => sequence);
  const events = await createSessionReader({ ...engine, log }).events({
    tenant,
    session: parseSessionId("s"),
  });
  return { events, sequences, lost };
}

const NEVER = new AbortController().signal;

/** Every order in which the reads and puts of some writers can happen; tells how many there were. */
export async function everyOrder(writers: number, check: (result: RaceResult) => void): Promise<number> {
  let orders = 0;
  for (let path: readonly Choice[] | undefined = []; path !== undefined; path = nextPath(path)) {
    const taken: Choice[] = [];
    const given: readonly Choice[] = path;
    const result: RaceResult = await raceWriters(writers, (of) => {
      const choice = given[taken.length]?.choice ?? 0;
      taken.push({ choice, of });
      return choice;
    });
    check(result);
    orders += 1;
    path = taken;
  }
  return orders;
}

interface Choice {
  readonly choice: number;
  readonly of: number;
}

/** The next way through the tree of choices, depth first. */
function nextPath(path: readonly Choice[]): readonly Choice[] | undefined {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const at = path[depth];
    if (at !== undefined && at.choice + 1 < at.of)
      return [...path.slice(0, depth), { ...at, choice: at.choice + 1 }];
  }
  return undefined;
}

/** What is wrong with the outcome of a race; nothing where each input is committed exactly once, in one gapless sequence. */
export function raceProblem({ events, sequences }: RaceResult): string | undefined {
  const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (gap >= 0) return `event ${gap + 1} has sequence ${events[gap]?.sequence}`;
  const accepted = events.flatMap((event) =>
    event.type === "InputAccepted" ? [event.data.input.source] : [],
  );
  if (new Set(accepted).size !== accepted.length) return "an input was committed twice";
  if (accepted.length !== sequences.length)
    return `${accepted.length} of ${sequences.length} inputs were committed`;
  const wrong = sequences.findIndex((sequence, writer) => {
    const event = events[sequence - 1];
    return event?.type !== "InputAccepted" || event.data.input.source !== `writer-${writer}`;
  });
  return wrong < 0 ? undefined : `writer ${wrong} was told ${sequences[wrong]}, where another event stands`;
}
