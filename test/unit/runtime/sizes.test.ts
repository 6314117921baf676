import { describe, expect, it } from "vitest";
import { reply, sequence, step, transform } from "#core/flow/build.ts";
import { serializeCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import {
  bulk,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  raced,
  tell,
} from "./engine.ts";

const noting = flowOf(transform({ note: "input.text" }));
const echoing = flowOf(reply("input"));

describe("sizes", () => {
  it("split a batch over 300 KB into several commits, in order", async () => {
    const bench = createBench({ flows: [flowOf(reply("1"))], limits: { contextBytes: 10_000_000 } });
    const ids = ["1", "2", "3", "4"];
    await tell(
      bench,
      ids.map((id) => eventInput(id, bulk(110_000))),
    );
    const commits = await commitsOf(bench);
    expect(commits.length).toBeGreaterThan(1);
    expect(commits.length).toBeLessThan(4);
    expect(commits.flatMap(({ inputs }) => inputs.map(({ id }) => id))).toEqual(ids);
  });

  it("quarantine an event too large for a commit of form 1, and continue with the others", async () => {
    const bench = createBench({ flows: [echoing], ports: () => ({ form: 1 }) });
    const outcomes = await tell(bench, [
      eventInput("1", "a"),
      eventInput("2", bulk(200_000)),
      eventInput("3", "c"),
    ]);
    expect(outcomes.map(({ verdict }) => verdict)).toMatchObject([
      { type: "committed" },
      { type: "refused", code: "commit.too-large" },
      { type: "committed" },
    ]);
  });

  it("do not blame an input for the size of the previous one, recorded by another writer", async () => {
    const other = createBench({ flows: [echoing], seed: "other" });
    const large = eventInput("large", bulk(200_000));
    const bench = createBench({
      flows: [echoing],
      ports: () => ({ log: raced(other.log, 1, () => tell(other, [large])) }),
    });
    const outcomes = await tell(bench, [large, eventInput("small", "s")]);
    expect(outcomes[1]?.verdict.type).toBe("committed");
  });

  it("do not blame an input for the previous one that another writer recorded meanwhile", async () => {
    const form = 1;
    const other = createBench({ flows: [echoing], seed: "other", ports: () => ({ form }) });
    const large = eventInput("large", bulk(200_000));
    let reads = 0;
    const bench = createBench({
      flows: [echoing],
      ports: () => ({
        form,
        log: {
          ...other.log,
          async readTail(key) {
            reads += 1;
            // By now our engine has found the input too large, and has written nothing.
            if (reads === 3) await tell(other, [large]);
            return other.log.readTail(key);
          },
        },
      }),
    });
    const outcomes = await tell(bench, [large, eventInput("small", "s")]);
    expect(outcomes.map(({ verdict }) => verdict.type)).toEqual(["duplicate", "committed"]);
  });

  it("are checked again on the commit of a faster writer", async () => {
    const other = createBench({ flows: [echoing], seed: "other" });
    const stop = { type: "stop", reason: "enough" } as const;
    const command = { ...eventInput("stop"), kind: "command", command: stop } as const;
    const stopping = () => createAdvanceSession(other.engine)(KEY, [command], () => true);
    const bench = createBench({ flows: [echoing], ports: () => ({ log: raced(other.log, 1, stopping) }) });
    // Stopped, the session takes no events: that is the reason now, and nothing is recorded.
    const [outcome] = await tell(bench, [eventInput("large", bulk(200_000))]);
    expect(outcome?.verdict).toMatchObject({ type: "refused", code: "session.stopped" });
  });

  it("make an answer too large for a commit of form 1 a failed one, so that its task continues", async () => {
    const talker = contractOf("talker");
    const bench = createBench({
      ports: () => ({ form: 1 }),
      agents: [talker],
      flows: [flowOf(sequence(step(talker), reply("talker")))],
    });
    await tell(bench, [eventInput("1")]);
    const { task, attempt } = lastSent(bench);
    const answer = { kind: "answer", task, attempt, outcome: ok(bulk(190_000)) } as const;
    await createAdvanceSession(bench.engine)(KEY, [answer], () => true);
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "AttemptFailed");
    expect(failed).toMatchObject({ data: { error: { code: "commit.too-large" } } });
    expect((await bench.reader.current(KEY)).runs).toEqual({});
  });

  it("send a view over 48 KB as a link to the complete view", async () => {
    const bench = createBench();
    const text = bulk(60_000);
    await tell(bench, [eventInput("1", { text })]);
    const { view, linked, viewUrl } = lastSent(bench);
    expect(linked).toBe(true);
    expect(JSON.stringify(view).length).toBeLessThan(1_000);
    const fetched = (await (await fetch(viewUrl ?? "")).json()) as unknown;
    expect(fetched).toEqual({ input: { text } });
    // The order in the log is small as well, and holds no URL that would expire.
    const [order] = (await commitsOf(bench))[0]?.directives ?? [];
    expect(JSON.stringify(order)).not.toContain("data:");
  });

  it("send a view of up to 48 KB inline", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1", { text: bulk(47_000) })]);
    expect(lastSent(bench)).toMatchObject({ linked: false, view: { input: { text: bulk(47_000) } } });
  });
});

describe("snapshots", () => {
  it("are in every sixteenth commit at least, and the state folded from them is the same", async () => {
    const bench = createBench({ flows: [flowOf(transform({ note: "input.text" }))] });
    // A state that is larger than all commits since: only their number asks for a snapshot.
    await tell(bench, [eventInput("0", { text: "" }, { constraints: { rules: bulk(90_000) } })]);
    for (let n = 1; n <= 40; n += 1) await tell(bench, [eventInput(String(n), { text: "" })]);
    const commits = await commitsOf(bench);
    const marks = commits.flatMap(({ snapshot }, index) => (snapshot === undefined ? [] : [index]));
    expect(marks.length).toBeGreaterThan(1);
    const gaps = marks.map((mark, index) => mark - (marks[index - 1] ?? -1));
    expect(Math.max(...gaps, commits.length - (marks.at(-1) ?? 0))).toBeLessThanOrEqual(16);
    expect((await bench.reader.current(KEY)).ids.at(-1)?.id).toBe("40");
    expect((await bench.log.readTail(KEY)).length).toBeLessThanOrEqual(16);
  });

  it("are part of their commit's one text, in the commit or as the name of their blob", async () => {
    const bench = createBench({ flows: [noting] });
    for (const text of ["small", bulk(120_000)]) {
      for (let n = 0; n < 20; n += 1) await tell(bench, [eventInput(`${text.length}-${n}`, { text })]);
    }
    const stored = bench.records.map(({ commit }) => commit);
    const kinds = new Set<string>();
    for (const { text, snapshot } of stored) {
      const commit = JSON.parse(text) as Commit;
      expect(serializeCommit(commit)).toBe(text);
      expect(commit.snapshot !== undefined).toBe(snapshot);
      if (commit.snapshot !== undefined) kinds.add("blob" in commit.snapshot ? "blob" : "state");
    }
    expect([...kinds].sort()).toEqual(["blob", "state"]);
  });

  it("over 100 KB are blobs, and are read back from there", async () => {
    const bench = createBench({ flows: [noting] });
    const text = bulk(120_000);
    await tell(bench, [eventInput("big", { text })]);
    for (let n = 1; n <= 20; n += 1) await tell(bench, [eventInput(String(n), { text: "small" })]);
    await tell(bench, [eventInput("big again", { text })]);
    for (let n = 21; n <= 40; n += 1) await tell(bench, [eventInput(String(n), { text })]);
    const blobs = (await commitsOf(bench)).flatMap(({ snapshot }) =>
      snapshot !== undefined && "blob" in snapshot ? [snapshot.blob] : [],
    );
    expect(blobs.length).toBeGreaterThan(0);
    for (const blob of blobs) expect(await bench.engine.blobs.get(blob)).toBeDefined();
    expect((await bench.reader.current(KEY)).context["note"]).toBe(text);
  });

  it("never make a commit larger than an item may be, whatever the alphabet", async () => {
    const bench = createBench({ flows: [noting] });
    for (let n = 0; n <= 20; n += 1) await tell(bench, [eventInput(String(n), { text: bulk(30_000, "水") })]);
    const sizes = bench.records.map(({ commit }) => Buffer.byteLength(commit.text));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300_500);
    expect((await commitsOf(bench)).some(({ snapshot }) => snapshot !== undefined)).toBe(true);
  });
});
