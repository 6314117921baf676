import * as z from "zod";
import { beforeEach, describe, expect, it } from "vitest";
import { originsOf } from "#core/condition-origins.ts";
import { SpineError } from "#core/errors.ts";
import { map, reply, sequence, step, transform } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import type { Marker } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import {
  answerOf,
  bulk,
  contractOf,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  tell,
} from "./engine.ts";

const PIN = "needle-4711";
const keys = () => createMemorySessionKeys();

interface Options {
  readonly plan?: PlanNode;
  readonly paths?: ByTenant<readonly string[]>;
  readonly log?: ReturnType<typeof createMemorySessionLog>;
  readonly with?: ReturnType<typeof keys>;
}

const writer = contractOf("writer", { output: z.looseObject({ text: z.string() }), timeoutMs: 20_000 });

/** An engine that seals, with all that it stores in plain sight. */
function createSealingBench({ plan = step(writer), paths = { "*": ["input.pin"] }, ...given }: Options = {}) {
  const sessionKeys = given.with ?? keys();
  const log = given.log ?? createMemorySessionLog();
  const stored: string[] = [];
  const names: string[] = [];
  const markers: Marker[] = [];
  const blobs = createMemoryBlobs();
  const watched = {
    ...blobs,
    put: (name: string, text: string) => {
      names.push(name);
      if (!name.startsWith("views/")) stored.push(text);
      return blobs.put(name, text);
    },
  };
  const noting = {
    ...log,
    writeMarkers: (key: typeof KEY, some: readonly Marker[]) => {
      markers.push(...some);
      return log.writeMarkers(key, some);
    },
  };
  const sealing = createSealing({ keys: sessionKeys, paths, originsOf });
  const bench = createBench({
    log,
    agents: [writer],
    flows: [flowOf(plan)],
    limits: { idWindow: 1 },
    ports: () => ({
      log: sealedLog(noting, sealing, digest),
      blobs: sealedBlobs(watched, sealing),
      personal: sealing,
    }),
  });
  const bytes = async (): Promise<string> => {
    const commits = await log.readAfter(KEY, 0, 10_000);
    return JSON.stringify([commits.map(({ text }) => text), stored, names, markers]);
  };
  return { ...bench, keys: sessionKeys, log, blobs, names, markers, bytes, door: createDoor(bench.engine) };
}
type SealingBench = ReturnType<typeof createSealingBench>;

const event = (id: string, pin: string, rest: Parameters<typeof eventInput>[2] = {}) =>
  eventInput(id, { pin, note: "plain" }, rest);
const verdictOn = async (bench: SealingBench, input: ReturnType<typeof event>) =>
  (await tell(bench, [input]))[0]?.verdict;

describe("the body of an event with a personal value", () => {
  let bench: SealingBench;
  beforeEach(async () => {
    bench = createSealingBench();
    await tell(bench, [event("1", PIN)]);
  });

  it("is in the log as a digest that cannot be guessed, and still identifies it", async () => {
    const { hash } = event("1", PIN);
    expect(await bench.bytes()).not.toContain(hash);
    expect(await verdictOn(bench, event("1", PIN))).toMatchObject({ type: "duplicate", sequence: 1 });
    expect(await verdictOn(bench, event("1", "another"))).toMatchObject({ code: "input.conflict" });
  });

  it("is identified by its marker when its id has left the window", async () => {
    for (const id of ["2", "3"]) await tell(bench, [event(id, "x", { type: "Other" })]);
    expect(bench.markers).not.toEqual([]);
    expect(await bench.bytes()).not.toContain(event("1", PIN).hash);
    expect(await verdictOn(bench, event("1", PIN))).toMatchObject({ type: "duplicate" });
    expect(await verdictOn(bench, event("1", "another"))).toMatchObject({ code: "input.conflict" });
  });

  it("is a duplicate whatever it contains, once the session's key is gone", async () => {
    await bench.keys.erase(KEY, "asked for");
    expect(await verdictOn(bench, event("1", "another"))).toMatchObject({ type: "duplicate", sequence: 1 });
    expect(await verdictOn(bench, event("2", "another"))).toMatchObject({ type: "committed" });
    expect(await verdictOn(bench, event("2", PIN))).toMatchObject({ type: "duplicate" });
    expect(await bench.bytes()).not.toContain("another");
  });

  it("creates no key for a session that has ended", async () => {
    const ended = createSealingBench();
    const expired = new SpineError("session.expired", "It has ended.");
    const log = { ...ended.engine.log, readTail: () => Promise.reject(expired) };
    const late = createAdvanceSession({ ...ended.engine, log });
    await expect(late(KEY, [event("1", PIN)], () => true)).rejects.toBe(expired);
    expect(await ended.keys.forOpening(KEY)).toBeUndefined();
  });

  it("is identified when it arrived before its tenant declared anything", async () => {
    const before = createSealingBench({ paths: {} });
    await tell(before, [event("1", PIN)]);
    expect(await before.bytes()).toContain(event("1", PIN).hash);
    const after = createSealingBench({ log: before.log });
    expect(await verdictOn(after, event("1", PIN))).toMatchObject({ type: "duplicate" });
    expect(await verdictOn(after, event("1", "another"))).toMatchObject({ code: "input.conflict" });
  });
});

describe("texts that a session stores as blobs", () => {
  it("have names that reveal nothing when values are personal, and that never collide after an erasure", async () => {
    const bench = createSealingBench({ paths: { "*": ["input.pin"] } });
    const large = (id: string) => eventInput(id, { pin: PIN, bulk: bulk(60_000, id) });
    await tell(bench, [large("1")]);
    const { view } = lastSent(bench);
    const link = view as { readonly link: { readonly key: string } };
    const text = (await bench.blobs.get(link.link.key)) ?? "";
    expect(text).toContain(PIN);
    expect(bench.names.join()).not.toContain(digest.sha256(text));
    await bench.keys.erase(KEY, "asked for");
    for (const id of ["2", "3"]) await tell(bench, [large(id)]);
    expect(new Set(bench.names).size).toBe(bench.names.length);
  });
});

describe("messages that quote a personal value", () => {
  const say = async (bench: SealingBench, id = "1") => {
    await tell(bench, [event(id, PIN)]);
    return bench;
  };

  it.each<[string, PlanNode]>([
    ["an expression that fails on it", transform({ "note.x": "input[input.pin]" })],
    ["a list that is none", map({ over: "input.pin", maxItems: 3, each: step(writer) })],
    ["a number that is none", reply("int(input.pin)")],
  ])("never reach the log: %s", async (_what, plan) => {
    const bench = await say(createSealingBench({ plan: sequence(plan, step(writer)) }));
    expect(await bench.bytes()).not.toContain(PIN);
    expect(await bench.bytes()).toContain("condition.failed");
  });

  it("never reach the log, whatever error an agent reports", async () => {
    const bench = await say(createSealingBench());
    const message = `Unexpected token in "${PIN}"`;
    const error = { code: "agent.failed", message };
    await bench.door.answer(answerOf(lastSent(bench), { status: "failed", error, retryable: false }));
    expect(await bench.bytes()).not.toContain(PIN);
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "RunFailed");
    expect(failed).toMatchObject({ data: { error } });
  });

  it("never reach the log when an answer breaks its schema, or is valid and contains everything", async () => {
    const bench = await say(createSealingBench());
    await bench.door.answer(answerOf(lastSent(bench), ok({ [PIN]: 1 })));
    await say(bench, "2");
    await bench.door.answer(answerOf(lastSent(bench), ok({ text: `Your pin is ${PIN}.`, [PIN]: PIN })));
    expect(await bench.bytes()).not.toContain(PIN);
    expect((await bench.reader.current(KEY)).context).toMatchObject({
      writer: { text: `Your pin is ${PIN}.` },
    });
  });
});

describe("a value that a flow copied elsewhere", () => {
  it("stays personal after that flow is gone", async () => {
    const first = createSealingBench({
      plan: transform({ "profile.secret": "input.pin", "profile.plain": "1" }),
    });
    await tell(first, [event("1", PIN)]);
    const { log, keys: known } = first;
    // Another flow under the same name: nothing says any more what the profile holds.
    const later = createSealingBench({ log, with: known, plan: transform({ "other.x": "1" }) });
    for (let id = 2; id < 40; id += 1) await tell(later, [event(String(id), "short")]);
    expect((await later.reader.current(KEY)).context).toMatchObject({ profile: { secret: PIN, plain: 1 } });
    expect(await later.bytes()).not.toContain(PIN);
    // So many commits hold snapshots, and what is not personal can be read in them.
    expect(await later.bytes()).toContain('\\"plain\\":1');
  });
});
