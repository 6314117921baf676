import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choice, reply, sequence, step, transform } from "#core/flow/build.ts";
import { originsOf } from "#core/condition-origins.ts";
import { messageOf } from "#core/errors.ts";
import type { Json } from "#core/json.ts";
import { foldCommits } from "#core/session/fold.ts";
import { commitValues, openValues } from "#core/session/personal/commit-values.ts";
import { stateValues } from "#core/session/personal/state-values.ts";
import { ERASED_VALUE, sealedValue } from "#core/session/personal/markers.ts";
import { personalValues } from "#core/session/personal/personal-values.ts";
import type { Commit } from "#core/session/commit.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import type { Marker } from "#ports/session-log.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import { sealedLetterBox } from "#runtime/sealing/sealed-letter-box.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { World } from "#testing/given-when-then.ts";
import { seededChance } from "#simulator/random-flow.ts";
import {
  answerOf,
  contractOf,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  ok,
  tell,
} from "../unit/runtime/engine.ts";
import { randomSession, runRandomly } from "./session-schedule.ts";

const LIMITS = { hops: 60, idWindow: 6, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };
const seal = (value: Json): Json => sealedValue(Buffer.from(JSON.stringify(value)).toString("base64url"));
const open = (sealed: string): Json => JSON.parse(Buffer.from(sealed, "base64url").toString()) as Json;
const through = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;

/** Every path that a random session's contexts had at some time. */
function pathsOf(value: Json, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, Json]) => {
    const own = path === "" ? key : `${path}.${key}`;
    return key.startsWith("~") ? pathsOf(inner, path) : [own, ...pathsOf(inner, own)];
  });
}

describe("personal values of a random session", () => {
  it("are the same after sealing and opening, wherever they are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(), (seed, at) => {
        const chance = seededChance(seed);
        const session = randomSession(chance);
        const world = new World(session.application, { limits: LIMITS, check: false });
        runRandomly(world, session, chance, 30);
        const known = [...new Set(world.commits.flatMap(() => pathsOf(world.state.context)))];
        const paths = known.length === 0 ? ["input"] : [known[at % known.length] ?? "input", "input.n"];
        const sealed = world.commits.map((commit) => commitValues(commit, personalValues(paths, seal)));
        // Through a text, as it is stored.
        const opened = sealed.map((commit) => openValues(through<Json>(commit), open));
        expect(opened).toEqual(through(world.commits));
        const { tenant, session: name } = world.state;
        const fold = (commits: readonly Commit[]) =>
          foldCommits({ tenant, session: name }, commits, () => undefined);
        // Whoever has no key folds what is sealed, and whoever comes after an erasure what is erased.
        expect(stateValues(fold(sealed), personalValues(paths, seal)).sequence).toBe(world.state.sequence);
        const erased = sealed.map((commit) =>
          through<Commit>(openValues(through<Json>(commit), () => ERASED_VALUE)),
        );
        expect(Object.keys(fold(erased).runs)).toEqual(Object.keys(world.state.runs));
        expect(fold(erased).ids).toEqual(world.state.ids);
      }),
      { numRuns: 120 },
    );
  });
});

const writer = contractOf("writer", { reads: ["input", "session"], personal: ["profile"] });
const checker = contractOf("checker", { reads: ["writer"], personal: ["remark"] });
/** Values go through conditions, transforms, maps, a reply, and a second agent. */
const flow = flowOf(
  sequence(
    step(writer),
    choice({
      when: [{ if: "has(input.email)", then: transform({ "note.email": "input.email" }) }],
      otherwise: transform({ note: `{"none": true}` }),
    }),
    step(checker),
    reply(`{"email": input.email, "profile": writer.profile, "ok": true}`),
  ),
);
/** Where they come in; where they go is for the spine to find. */
const PATHS = ["input.email", "input.nested.phone", "input.people.email", "session.who"];

interface Secrets {
  readonly email: string;
  readonly phone: string;
  readonly who: string;
  readonly profile: string;
  readonly remark: string;
}
const secret = fc.stringMatching(/^[a-z]{16,24}$/);
const secrets = fc.record({ email: secret, phone: secret, who: secret, profile: secret, remark: secret });
const all = (given: readonly Secrets[]): readonly string[] =>
  given.flatMap((one) => Object.values(one) as string[]);

function createSealingBench() {
  const raw = createMemorySessionLog();
  const blobs = createMemoryBlobs();
  const keys = createMemorySessionKeys();
  const sealing = createSealing({ keys, paths: { [KEY.tenant]: PATHS }, originsOf });
  const texts: string[] = [];
  const noting = {
    ...blobs,
    put: (key: string, text: string) => (texts.push(key, text), blobs.put(key, text)),
  };
  const marking = {
    ...raw,
    writeMarkers: (key: typeof KEY, markers: readonly Marker[]) => {
      texts.push(JSON.stringify(markers));
      return raw.writeMarkers(key, markers);
    },
  };
  const bench = createBench({
    log: raw,
    agents: [writer, checker],
    flows: [flow],
    ports: () => ({
      log: sealedLog(marking, sealing, digest),
      blobs: sealedBlobs(noting, sealing),
      personal: sealing,
      onTrouble: (error, what) => void texts.push(`${what}: ${messageOf(error)}`),
    }),
    limits: { idWindow: 4 },
  });
  return { ...bench, raw, keys, sealing, blobs, texts };
}
type SealingBench = ReturnType<typeof createSealingBench>;

async function converse(bench: SealingBench, given: readonly Secrets[]): Promise<void> {
  const door = createDoor(bench.engine);
  for (const [at, { email, phone, who, profile, remark }] of given.entries()) {
    const data = { email, nested: { phone, plain: "plain" }, people: [{ email }, [{ email }]], n: at };
    await tell(bench, [eventInput(`e${at}`, data, { session: { who, locale: "en" } })]);
    const written = bench.sent.at(-1);
    if (written === undefined) throw new Error("Nothing was dispatched.");
    expect(written.view).toMatchObject({ input: { email, nested: { phone } }, session: { who } });
    await door.answer(answerOf(written, ok({ profile, public: "said" })));
    const checked = bench.sent.at(-1);
    if (checked === undefined) throw new Error("Nothing was dispatched.");
    expect(checked.view).toMatchObject({ writer: { profile } });
    await door.answer(answerOf(checked, ok({ remark })));
  }
}

const storedTexts = async ({ raw }: SealingBench) =>
  (await raw.readAfter(KEY, 0, 10_000)).map(({ text }) => text);

describe("a session with personal values", () => {
  it("stores and publishes none of them in plain text, and passes all of them to its agents", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(secrets, { minLength: 1, maxLength: 12 }), async (given) => {
        const bench = createSealingBench();
        await converse(bench, given);
        const published: unknown[] = [];
        const relay = createRelay(bench.engine, {
          deadlines: { arm: () => Promise.resolve() },
          publish: {
            publish: (advances) => {
              published.push(...advances);
              return Promise.resolve([]);
            },
          },
          ordered: {
            log: bench.raw,
            progress: createMemoryDeliveryProgress(),
            subscriptions: {
              names: ["copy"],
              deliver: (_name, advance) => Promise.resolve(void published.push(advance)),
            },
          },
          open: async (record) => ({
            ...record,
            commit: { ...record.commit, text: await bench.sealing.open(record, record.commit.text) },
          }),
        });
        const dispatched = bench.sent.length;
        // Each alone: of a batch it sends what is answered in it no more.
        for (const record of bench.records) expect(await relay([record])).toEqual([]);
        // What the relay sends once more is what was sent before.
        const again = bench.sent.slice(dispatched);
        expect(again.map(({ view }) => view)).toEqual(
          bench.sent.slice(0, dispatched).map(({ view }) => view),
        );
        const bytes = JSON.stringify([await storedTexts(bench), bench.texts, published]);
        for (const value of all(given)) expect(bytes).not.toContain(value);
        // What is not personal can be read by everybody.
        expect(bytes).toContain('\\"public\\":\\"said\\"');
      }),
      { numRuns: 25 },
    );
  });

  it("reads unchanged for a reader with its key, keeps a valid hash chain, and folds without the key", async () => {
    const bench = createSealingBench();
    const given = fc.sample(fc.array(secrets, { minLength: 14, maxLength: 14 }), 1)[0] ?? [];
    await converse(bench, given);
    const newest = given.at(-1);
    expect((await bench.reader.current(KEY)).context).toMatchObject({
      input: { email: newest?.email, nested: { phone: newest?.phone, plain: "plain" } },
      session: { who: newest?.who, locale: "en" },
      writer: { profile: newest?.profile, public: "said" },
      checker: { remark: newest?.remark },
      note: { email: newest?.email },
    });
    expect(await bench.reader.brokenLink(KEY)).toBeUndefined();
    const withoutKey = createSessionReader({ log: bench.raw, blobs: bench.blobs, digest });
    expect(await withoutKey.brokenLink(KEY)).toBeUndefined();
    const { state, hash } = await loadSession({ log: bench.raw, blobs: bench.blobs, digest }, KEY);
    expect(state.sequence).toBe((await bench.reader.current(KEY)).sequence);
    expect(hash).toBe((await loadSession(bench.engine, KEY)).hash);
    expect(state.context).toMatchObject({ writer: { public: "said" }, session: { locale: "en" } });
  });

  it("reads as erased once its key is gone, continues, and keeps a valid chain", async () => {
    const bench = createSealingBench();
    const given = fc.sample(fc.array(secrets, { minLength: 14, maxLength: 14 }), 1)[0] ?? [];
    await converse(bench, given);
    await bench.keys.erase(KEY, "asked for");
    const { context, sequence: before } = await bench.reader.current(KEY);
    expect(context).toMatchObject({
      input: { email: ERASED_VALUE, nested: { phone: ERASED_VALUE, plain: "plain" } },
      session: { who: ERASED_VALUE, locale: "en" },
      writer: { profile: ERASED_VALUE, public: "said" },
      checker: { remark: ERASED_VALUE },
      note: { email: ERASED_VALUE },
    });
    for (let sequence = 1; sequence <= before; sequence += 7) await bench.reader.stateAt(KEY, sequence);
    const everything = JSON.stringify([await bench.reader.allCommits(KEY), context]);
    for (const value of all(given)) expect(everything).not.toContain(value);
    expect(await bench.reader.brokenLink(KEY)).toBeUndefined();
    // What comes now is personal as well, and nothing of it is kept.
    await tell(bench, [eventInput("after", { email: "somebodyelse", nested: {}, n: 99 })]);
    expect((await storedTexts(bench)).join()).not.toContain("somebodyelse");
    expect((await bench.reader.current(KEY)).sequence).toBeGreaterThan(before);
    expect(await bench.reader.brokenLink(KEY)).toBeUndefined();
  });

  it("seals every result as a whole when an agent's whole section is personal, because an answer does not name its slot", () => {
    const { result, at } = personalValues(["checker"], seal);
    expect(result({ any: "thing" })).toEqual(seal({ any: "thing" }));
    expect(at("writer", { any: "thing" })).toEqual({ any: "thing" });
    expect(at("checker.remark", "x")).toEqual(seal("x"));
    expect(at("~run-1.checker", "x")).toEqual(seal("x"));
  });

  it("costs a tenant without declared paths no key and no byte", async () => {
    const keys = {
      forSealing: refuse,
      forOpening: refuse,
      cached: () => undefined,
      erase: refuse,
      remove: refuse,
    };
    const sealing = createSealing({ keys, paths: { another: ["input"] } });
    const bench = createBench({ ports: ({ log }) => ({ log: sealedLog(log, sealing, digest) }) });
    await tell(bench, [eventInput("1", { email: "shown" })]);
    expect((await bench.log.readTail(KEY)).map(({ text }) => text).join()).toContain("shown");
    expect((await bench.reader.current(KEY)).sequence).toBeGreaterThan(0);
  });
});

const refuse = (): Promise<never> => Promise.reject(new Error("No key was to be asked for."));

describe("the letter of a session with personal values", () => {
  it("is kept sealed as a whole, reads unchanged, and reads as erased once the key is gone", async () => {
    const box = createMemoryLetterBox();
    const keys = createMemorySessionKeys();
    const sealing = createSealing({ keys, paths: { "*": ["input.email"] } });
    const sealed = sealedLetterBox(box, sealing);
    const body = `letters/2030-01-01/1893456000000-0-m/q/${KEY.tenant}/${KEY.session}/body`;
    const note = body.replace(/body$/, "parked");
    await sealed.put(body, 'a body, {"not": json');
    await sealed.put(note, '{"cause":"it is told"}');
    expect(await box.get(body)).toMatch(/^\{"\$sealed":"/);
    expect(await box.get(note)).toBe('{"cause":"it is told"}');
    expect(await sealed.get(body)).toBe('a body, {"not": json');
    expect(await sealed.get(`awaiting/x`)).toBeUndefined();
    await keys.erase(KEY, "asked for");
    expect(await sealed.get(body)).toBe(JSON.stringify(ERASED_VALUE));
  });
});
