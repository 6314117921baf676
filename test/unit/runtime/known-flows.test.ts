import { describe, expect, it } from "vitest";
import { sequence, step, transform } from "#core/flow/build.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createWholeCommits } from "#runtime/session/known-flows.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { commitsOf, createBench, eventInput, flowOf, KEY, sessionKey, tell, writer } from "./engine.ts";

/** A log that says what was asked of its library, beside its appends. */
function watched(log: SessionLog, calls: string[]): SessionLog {
  return {
    ...log,
    append: (key, commit) => {
      calls.push("append");
      return log.append(key, commit);
    },
    flows: {
      put: async (hash, text) => {
        await log.flows.put(hash, text);
        calls.push("put");
      },
      get: (hash) => {
        calls.push("get");
        return log.flows.get(hash);
      },
    },
  };
}

const changed = [flowOf(sequence(step(writer), transform({ note: "1" })))];

describe("a flow that a session needs", () => {
  it("stands in the library before the commit that names it, and a process puts it once", async () => {
    const calls: string[] = [];
    const bench = createBench({ ports: ({ log }) => ({ log: watched(log, calls) }) });
    const advance = createAdvanceSession(bench.engine);
    await advance(KEY, [eventInput("1")], () => true);
    expect(calls).toEqual(["put", "append"]);
    await advance(sessionKey("visit-2"), [eventInput("1")], () => true);
    expect(calls).toEqual(["put", "append", "append"]);
    const [commit] = await commitsOf(bench);
    const [hash = ""] = flowsApart(commit ?? { events: [] });
    expect(bench.engine.digest.sha256((await bench.log.flows.get(hash)) ?? "")).toBe(hash);
    expect(JSON.stringify(commit)).not.toContain('"plan":');
  });

  it("is not named while the library cannot be reached, and is put by the next try", async () => {
    let away = true;
    const bench = createBench({
      ports: ({ log }) => ({
        log: {
          ...log,
          flows: {
            ...log.flows,
            put: (...flow) => (away ? Promise.reject(new Error("away")) : log.flows.put(...flow)),
          },
        },
      }),
    });
    const advance = createAdvanceSession(bench.engine);
    await expect(advance(KEY, [eventInput("1")], () => true)).rejects.toThrow("away");
    expect(await commitsOf(bench)).toEqual([]);
    away = false;
    await advance(KEY, [eventInput("1")], () => true);
    await expect(
      createWholeCommits({ ...bench.engine, log: bench.log })((await commitsOf(bench))[0] as never),
    ).resolves.toBeDefined();
  });

  it("is read from the library once by a process whose application no longer has it", async () => {
    const calls: string[] = [];
    const old = createBench();
    for (const visit of ["a", "b"]) await tell(old, [eventInput("1")], sessionKey(visit));
    const bench = createBench({
      flows: changed,
      log: old.log,
      seed: "new",
      ports: ({ log }) => ({ log: watched(log, calls) }),
    });
    const advance = createAdvanceSession(bench.engine);
    for (const visit of ["a", "b"]) await advance(sessionKey(visit), [eventInput("2")], () => true);
    expect(calls).toEqual(["get", "put", "append", "append"]);
  });

  it.each([
    ["is missing", "is missing from the log's library", () => Promise.resolve(undefined)],
    [
      "is another",
      "is not the flow that was stored under its hash",
      () => Promise.resolve('{"name":"other"}'),
    ],
  ])("makes its session unreadable where it %s", async (_what, problem, get) => {
    const old = createBench();
    await tell(old, [eventInput("1")]);
    const [hash = ""] = (await commitsOf(old)).flatMap(flowsApart);
    const bench = createBench({
      flows: changed,
      ports: () => ({ log: { ...old.log, flows: { ...old.log.flows, get } } }),
    });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({
      code: "session.unreadable",
      retryable: false,
      problems: [
        { field: `flow ${hash}`, problem, repair: expect.stringContaining(`#flow/${hash}`) as string },
      ],
    });
  });
});

describe("the publication of a commit that names a flow", () => {
  const publishing = async (flows = changed, library?: Partial<SessionLog["flows"]>) => {
    const old = createBench();
    await tell(old, [eventInput("1")]);
    const published: SessionAdvanced[] = [];
    const bench = createBench({
      flows,
      log: old.log,
      ports: ({ log }) => ({ log: { ...log, flows: { ...log.flows, ...library } } }),
    });
    const relay = createRelay(bench.engine, {
      deadlines: { arm: () => Promise.resolve() },
      publish: { publish: (advances) => Promise.resolve((published.push(...advances), [])) },
    });
    const left = await relay(old.records);
    return { published, left, ...bench };
  };

  it("brings it along, from the library where the application has it no longer", async () => {
    const { published, left, log } = await publishing();
    expect(left).toEqual([]);
    const [stored] = (published[0]?.events ?? []).filter(({ type }) => type === "FlowStored");
    const { hash, flow } = stored?.["data"] as { readonly hash: string; readonly flow: unknown };
    expect(JSON.parse((await log.flows.get(hash)) ?? "null")).toEqual(flow);
  });

  it("waits while the library cannot be reached, and keeps no task from its agent", async () => {
    const get = () => Promise.reject(new Error("away"));
    const { published, left, sent, troubles } = await publishing(changed, { get });
    expect(published).toEqual([]);
    expect(left).toMatchObject([{ left: ["subscriptions", "bus"] }]);
    expect(sent).toHaveLength(1);
    expect(troubles).toEqual([expect.stringContaining("publishing commit 1") as string]);
  });
});
