import { beforeEach, describe, expect, it } from "vitest";
import { reply, sequence, step, transform } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import { FLOWS_APART_FORM } from "#core/session/stored-flows.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { startOfRound } from "#runtime/letters/watch.ts";
import {
  answerOf,
  commitsOf,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  proofOf,
  sessionKey,
  tell,
  writer,
} from "./engine.ts";
import { arrived, BUCKET, createLetterBench, deadline } from "./letters/bench.ts";

/** What a run leaves in `kept` is there for the next one under form 1, and not under form 2. */
const keeping = flowOf(
  sequence(
    step(writer),
    reply(`{"kept": has(kept.text) ? kept.text : "nothing"}`),
    transform({ "kept.text": "writer.text" }),
  ),
);

/** What a commit begins with that the sessions of these tests need at most. */
const NAMES_FLOWS = `"schemaVersion":${FLOWS_APART_FORM}`;

/** A log in the eyes of a version that was built when the newest form of today was unknown. */
function asOlderVersionSees(log: SessionLog): SessionLog {
  const see = (stored: readonly StoredCommit[]) =>
    stored.map((one) => ({
      ...one,
      text: one.text.replace(NAMES_FLOWS, `"schemaVersion":${SCHEMA_VERSION + 1}`),
    }));
  return {
    ...log,
    readTail: async (key) => see(await log.readTail(key)),
    readAfter: async (key, sequence, limit) => see(await log.readAfter(key, sequence, limit)),
    readUpTo: async (key, sequence) => see(await log.readUpTo(key, sequence)),
  };
}

let log: MemorySessionLog;
const options = { flows: [keeping] };
const older = () =>
  createBench({ ...options, log, seed: "older", ports: () => ({ log: asOlderVersionSees(log), form: 1 }) });
/** A version that knows the newest form, and writes it when the deployment says so. */
const newer = (form: number = SCHEMA_VERSION) =>
  createBench({ ...options, log, seed: `newer ${form}`, ports: () => ({ form }) });

beforeEach(() => {
  log = createMemorySessionLog();
});

describe("a function that finds a commit of a newer form", () => {
  const message = (id: string) => ({ id, body: JSON.stringify({ ...KEY, input: eventInput(id) }) });

  it("returns the messages of that session, marks them as waiting for a newer version, and accepts the others", async () => {
    await tell(newer(), [eventInput("1")]);
    const waiting: string[] = [];
    const note = (id: string) => void waiting.push(id);
    const other = {
      id: "other",
      body: JSON.stringify({ ...KEY, session: "visit-2", input: eventInput("x") }),
    };
    const batch = [message("2"), other, message("3")];
    expect(await createCoordinator(older().engine).inbox(batch, note)).toEqual(["2", "3"]);
    expect(waiting).toEqual(["2", "3"]);
    expect(await createCoordinator(newer().engine).inbox(batch, note)).toEqual([]);
    const inputs = (await commitsOf(newer())).flatMap((commit) => commit.inputs);
    expect(inputs.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  it("answers 503 over HTTP, with the time to retry after", async () => {
    await tell(newer(), [eventInput("1")]);
    const request = {
      method: "POST",
      path: `/sessions/${KEY.session}/events`,
      headers: { "content-type": "application/json" },
      query: {},
      caller: { tenant: parseTenantId(KEY.tenant), source: "shop", rights: RIGHTS },
      body: JSON.stringify({ type: "Asked", id: "2", data: {} }),
    };
    expect(await createHttpIngress(older().engine)(request)).toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
      body: expect.stringContaining("log.other-version") as string,
    });
    expect(await createHttpIngress(newer().engine)(request)).toMatchObject({ status: 202 });
  });

  it("lets an agent look and answer again later", async () => {
    const writes = newer();
    await tell(writes, [eventInput("1")]);
    const task = lastSent(writes);
    const refusal = { code: "log.other-version", retryable: true };
    await expect(createDoor(older().engine).look(proofOf(task))).rejects.toMatchObject(refusal);
    const answer = answerOf(task, ok({ text: "hi" }));
    await expect(createDoor(older().engine).answer(answer)).rejects.toMatchObject(refusal);
    expect(await createDoor(newer().engine).answer(answer)).toEqual({ type: "recorded" });
  });

  it("keeps the commit for the relay's retries", async () => {
    const writes = newer();
    await tell(writes, [eventInput("1")]);
    const records = writes.records.map((record) => ({
      ...record,
      commit: {
        ...record.commit,
        text: record.commit.text.replace(NAMES_FLOWS, `"schemaVersion":${SCHEMA_VERSION + 1}`),
      },
    }));
    const toNobody = () => Promise.resolve();
    const ports = { deadlines: { arm: toNobody }, publish: { publish: () => Promise.resolve([]) } };
    expect(await createRelay(older().engine, ports)(records)).toMatchObject(records);
  });
});

describe("a dead letter whose session a newer version has advanced", () => {
  const rounds = [1, 2, 3, 4];
  const letter = () => arrived("spine-deadlines-dead", deadline(5));
  const benchOf = (log: MemorySessionLog, ports = {}) =>
    createLetterBench({ ...options, log, ports: () => ports });

  it("is watched, and parked only after the last round", async () => {
    await tell(newer(), [eventInput("1")]);
    const bench = benchOf(log, { log: asOlderVersionSees(log) });
    expect(await bench.keep(letter())).toBe("sent");
    for (const round of rounds.slice(0, -1))
      expect(await bench.confirm(startOfRound(BUCKET, round))).toMatchObject({ next: "round" });
    expect(bench.ended).toEqual([]);
    expect(await bench.confirm(startOfRound(BUCKET, 4))).toMatchObject({ next: "done" });
    expect(bench.ended).toEqual(["parked"]);
  });

  it("is recorded when the newer version returns in time", async () => {
    await tell(newer(), [eventInput("1")]);
    const rolledBack = benchOf(log, { log: asOlderVersionSees(log) });
    await rolledBack.keep(letter());
    await rolledBack.confirm(startOfRound(BUCKET, 1));
    const back = benchOf(log);
    await back.keep(letter());
    await back.deliver();
    expect(await back.confirm(startOfRound(BUCKET, 2))).toMatchObject({ next: "done" });
    expect(back.ended).toEqual(["recorded"]);
  });
});

describe("the deployment's switch", () => {
  const answerLast = (bench: ReturnType<typeof newer>, text: string) =>
    createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text })));
  const repliesOf = async () =>
    (await newer().reader.events(KEY)).flatMap((event) =>
      event.type === "ReplySent" ? [event.data.body] : [],
    );
  const formsOf = async () => (await commitsOf(newer())).map(({ schemaVersion }) => schemaVersion);

  it("keeps to the form that all functions read, until it is set to the newer one", async () => {
    const off = newer(1);
    await tell(off, [eventInput("1")]);
    await answerLast(off, "first");
    expect(await formsOf()).toEqual([1, 1]);
    // The older version goes on where this one has written, and this one where the older has.
    const before = older();
    await tell(before, [eventInput("2")]);
    await answerLast(before, "second");
    expect(await formsOf()).toEqual([1, 1, 1, 1]);
    expect(await repliesOf()).toEqual([{ kept: "nothing" }, { kept: "first" }]);
  });

  it("lets an earlier run end under its own rule, and the next one stand on its own values", async () => {
    const off = newer(1);
    await tell(off, [eventInput("1")]);
    await answerLast(off, "first");
    await tell(off, [eventInput("2")]);
    const on = newer();
    await createDoor(on.engine).answer(answerOf(lastSent(off), ok({ text: "second" })));
    await tell(on, [eventInput("3")]);
    await answerLast(on, "third");
    expect(await repliesOf()).toEqual([{ kept: "nothing" }, { kept: "first" }, { kept: "nothing" }]);
    expect(await formsOf()).toEqual([1, 1, 1, 1, 2, 2]);
  });

  it("switched back, keeps a session in the form that its runs need, and starts new runs under the old rule", async () => {
    const on = newer();
    await tell(on, [eventInput("1")]);
    const off = newer(1);
    await createDoor(off.engine).answer(answerOf(lastSent(on), ok({ text: "first" })));
    await tell(off, [eventInput("2")]);
    await answerLast(off, "second");
    expect(await repliesOf()).toEqual([{ kept: "nothing" }, { kept: "first" }]);
    expect(await formsOf()).toEqual([3, 3, 3, 3]);
  });

  it("from form 2 to 3 lets new sessions name their flows, and back again lets others hold theirs", async () => {
    const flowsOf = async (session: string) =>
      (await newer().reader.events(sessionKey(session))).flatMap((event) =>
        event.type === "FlowStored" ? [Object.keys(event.data)] : [],
      );
    for (const [session, form] of [
      ["two", 2],
      ["three", 3],
      ["again", 2],
    ] as const)
      await tell(newer(form), [eventInput("1")], sessionKey(session));
    expect(await flowsOf("two")).toEqual([["hash", "flow"]]);
    expect(await flowsOf("three")).toEqual([["hash", "apart"]]);
    expect(await flowsOf("again")).toEqual([["hash", "flow"]]);
    await tell(newer(2), [eventInput("2")], sessionKey("three"));
    const forms = (await newer().reader.allCommits(sessionKey("three"))).map((one) => one.schemaVersion);
    expect(forms).toEqual([3, 3]);
  });
});
