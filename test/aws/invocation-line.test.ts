import { createHash } from "node:crypto";
import type { Context, DynamoDBStreamEvent } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { CommitCodec } from "#aws/names.ts";
import { createObserver, type Observer } from "#aws/observe/observe.ts";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey, parseTenantId } from "#core/ids.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createVersionedTokens } from "#node/versioned-tokens.ts";
import { correlationDigest, correlationDigests } from "#runtime/session/correlation-digest.ts";
import { TRACEPARENT } from "./samples.ts";

// Only these fields are read from it.
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 30_000 } as Context;
const key = parseSessionKey({ tenant: "acme", session: "s-1" });

let observer: Observer;
let lines: string[];

beforeEach(() => {
  lines = [];
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "spine-test");
  observer = createObserver("test", { write: (line) => void lines.push(line), digests });
});

const SECRETS = ["now", "before"].map((id) => ({ id: id.padEnd(32, "-"), secret: id.repeat(32) }));
const [now = { id: "", secret: "" }, before] = SECRETS;
const digests = createVersionedTokens(
  {
    current: () => Promise.resolve(now),
    previous: () => Promise.resolve(before),
    version: () => Promise.resolve(undefined),
  },
  { now: () => 0 },
);
const digestOf = (correlation: string) => correlationDigest(digests, "acme", correlation);

describe("the line of an invocation", () => {
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it("is one, with tenant, session, sequence and a digest of the correlation, and no personal text", async () => {
    const log = observer.watch(createMemorySessionLog());
    const text = JSON.stringify({
      inputs: [{ id: 'a "correlation":"no"', correlation: "ada@example.invalid" }],
      events: ["Ada"],
    });
    // The door's callers say it too.
    const trace = { traceparent: TRACEPARENT, correlation: "ada@example.invalid" };
    await observer.invocation(context, trace, () =>
      log.append(key, { first: 1, last: 3, text, snapshot: false }),
    );
    const [line, ...others] = parsed().filter((one) => one["message"] !== undefined);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      level: "INFO",
      service: "test",
      requestId: "request-1",
      tenant: "acme",
      session: "s-1",
      sequence: 3,
      correlation: await digestOf("ada@example.invalid"),
      traceparent: TRACEPARENT,
    });
    expect(lines.join()).not.toMatch(/Ada|ada@/);
  });

  it("has a digest that cannot be computed without the secret, differs per tenant, and survives a new secret", async () => {
    const digest = await digestOf("ada@example.invalid");
    expect(digest).toMatch(/^[\w-]{16}$/);
    expect(await correlationDigest(digests, "other", "ada@example.invalid")).not.toBe(digest);
    for (const plain of ["ada@example.invalid", '["acme","ada@example.invalid"]'])
      expect(createHash("sha256").update(plain).digest("base64url")).not.toContain(digest);
    const all = await correlationDigests(digests, parseTenantId("acme"), "ada@example.invalid");
    expect(all).toHaveLength(2);
    expect(all[0]).toBe(digest);
  });

  it("has no correlation when the secret cannot be read, and is still written", async () => {
    const failing = {
      digest: () => Promise.reject(new Error("no secret")),
      digests: () => Promise.resolve([]),
    };
    const own = createObserver("door", { write: (line) => void lines.push(line), digests: failing });
    const noted = { tenant: "acme", session: "s-1", sequence: 3, correlation: "ada@example.invalid" };
    await own.invocation(context, {}, () => Promise.resolve(own.note(noted)));
    expect(parsed()[0]).toMatchObject({ session: "s-1", sequence: 3 });
    expect(lines.join()).not.toContain("ada@");
  });

  it("does not quote text that is not JSON", async () => {
    await observer.invocation(context, {}, () => {
      try {
        JSON.parse("ada@example.invalid");
      } catch (error) {
        observer.onTrouble(error, "reading a message");
      }
      return Promise.resolve();
    });
    expect(lines.join()).toContain("SyntaxError");
    expect(lines.join()).not.toContain("ada@");
  });

  it("stands alone when nothing was counted, and omits what is the same in every line", async () => {
    await observer.invocation(context, {}, () => Promise.resolve(observer.count("Troubles", 0)));
    const [line, ...others] = parsed();
    expect(others).toEqual([]);
    expect(Object.keys(line ?? {})).toEqual(["level", "message", "timestamp", "service", "requestId"]);
  });

  it("of a quiet function is only there for warnings, and counts are metrics all the same", async () => {
    const quiet = createObserver("relay", { write: (line) => void lines.push(line), quiet: true });
    await quiet.invocation(context, {}, () =>
      Promise.resolve(quiet.note({ tenant: "acme", session: "s-1" })),
    );
    expect(lines).toEqual([]);
    await quiet.invocation(context, {}, () => Promise.resolve(quiet.onTrouble(new Error("no"), "relaying")));
    expect(parsed()).toMatchObject([{ level: "WARN" }, { Troubles: 1 }]);
  });

  it("lists a bounded number of warnings, and their total", async () => {
    await observer.invocation(context, {}, () => {
      for (let at = 0; at < 200; at++)
        observer.onTrouble(new Error("y".repeat(5_000)), `GET /${"x".repeat(5_000)}`);
      observer.onTrouble(new SpineError("input.schema", "It is wrong."), "the last");
      return Promise.resolve();
    });
    const [line] = parsed();
    expect(line).toMatchObject({ troubled: 201 });
    expect(lines[0]?.length).toBeLessThan(3_000);
  });

  it("contains X-Ray's trace id when X-Ray records it", async () => {
    const root = "1-5759e988-bd862e3fe1be46a994272793";
    for (const [sampled, named] of [
      [1, root],
      [0, undefined],
    ] as const) {
      vi.stubEnv("_X_AMZN_TRACE_ID", `Root=${root};Parent=557abcec3ee5a047;Sampled=${sampled}`);
      lines.length = 0;
      await observer.invocation(context, {}, () => Promise.resolve());
      expect(parsed()[0]?.["xray_trace_id"]).toBe(named);
    }
    vi.unstubAllEnvs();
  });

  it("of the relay names every session that it relayed, with its correlation", async () => {
    const log = createMemorySessionLog();
    const receive = createRelayReceiver({
      relay: () => Promise.resolve([]),
      log,
      retries: { keep: () => Promise.resolve([]) },
      returnSoon: () => Promise.resolve(),
      clock: { now: () => 0 },
      observer,
    });
    const records = await Promise.all(
      ["s-1", "s-2"].map(async (session) => {
        const own = { ...key, session: parseSessionKey({ tenant: "acme", session }).session };
        const text = `{"inputs":[{"correlation":"of ${session}"}]}`;
        const commit = { first: 1, last: 2, text, snapshot: false };
        await log.append(own, commit);
        return {
          eventName: "INSERT" as const,
          dynamodb: { NewImage: commitItem(own, commit, CommitCodec.plain) },
        };
      }),
    );
    await receive({ Records: records } as DynamoDBStreamEvent, context);
    expect(parsed()).toMatchObject([
      {
        sessions: [
          { tenant: "acme", session: "s-1", sequence: 2, correlation: await digestOf("of s-1") },
          { tenant: "acme", session: "s-2", sequence: 2, correlation: await digestOf("of s-2") },
        ],
      },
    ]);
  });

  it("names warnings by code and omits what a message quotes", async () => {
    await observer.invocation(context, {}, () => {
      observer.onTrouble(new SpineError("id.invalid", 'session: "Ada Lovelace" is no id'), "reading m1");
      return Promise.resolve();
    });
    const [line] = parsed();
    expect(line).toMatchObject({ level: "WARN", troubles: [{ what: "reading m1", code: "id.invalid" }] });
    expect(lines.join()).not.toMatch(/Ada|ada@/);
  });

  it("has a digest that cannot be computed without the secret, differs per tenant, and survives a new secret", async () => {
    const digest = await digestOf("ada@example.invalid");
    expect(digest).toMatch(/^[\w-]{16}$/);
    expect(await correlationDigest(digests, "other", "ada@example.invalid")).not.toBe(digest);
    for (const plain of ["ada@example.invalid", '["acme","ada@example.invalid"]'])
      expect(createHash("sha256").update(plain).digest("base64url")).not.toContain(digest);
    const all = await correlationDigests(digests, parseTenantId("acme"), "ada@example.invalid");
    expect(all).toHaveLength(2);
    expect(all[0]).toBe(digest);
  });

  it("has no correlation when the secret cannot be read, and is still written", async () => {
    const failing = {
      digest: () => Promise.reject(new Error("no secret")),
      digests: () => Promise.resolve([]),
    };
    const own = createObserver("door", { write: (line) => void lines.push(line), digests: failing });
    const noted = { tenant: "acme", session: "s-1", sequence: 3, correlation: "ada@example.invalid" };
    await own.invocation(context, {}, () => Promise.resolve(own.note(noted)));
    expect(parsed()[0]).toMatchObject({ session: "s-1", sequence: 3 });
    expect(lines.join()).not.toContain("ada@");
  });

  it("does not quote text that is not JSON", async () => {
    await observer.invocation(context, {}, () => {
      try {
        JSON.parse("ada@example.invalid");
      } catch (error) {
        observer.onTrouble(error, "reading a message");
      }
      return Promise.resolve();
    });
    expect(lines.join()).toContain("SyntaxError");
    expect(lines.join()).not.toContain("ada@");
  });

  it("counts unreadable sessions, for an alarm", async () => {
    await observer.invocation(context, {}, () => {
      observer.onTrouble(new SpineError("session.unreadable", "Damaged."), "advancing");
      return Promise.resolve();
    });
    expect(parsed().filter((line) => "_aws" in line)).toMatchObject([
      { service: "spine-test", Troubles: 1 },
      { spine: "spine", UnreadableSessions: 1 },
    ]);
  });

  it("counts the messages that a batch returns, which are no error for Lambda", async () => {
    const answer = { batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m2" }] };
    await observer.invocation(context, {}, () => Promise.resolve(answer));
    await observer.invocation(context, {}, () => Promise.resolve({ batchItemFailures: [] }));
    expect(parsed().filter((line) => "_aws" in line)).toMatchObject([
      { spine: "spine", MessagesReturned: 2 },
    ]);
  });

  it("counts used-up budgets of a commit, and runs that it leaves with effects not undone", async () => {
    const log = observer.watch(createMemorySessionLog());
    const events = [
      { type: "BudgetExhausted", data: { run: "r-1", budget: "hops", limit: 1 } },
      { type: "RunFailed", data: { run: "r-1", uncompensated: ["t-1"] } },
      { type: "InputAccepted", data: { data: { type: "BudgetExhausted", uncompensated: ["mine"] } } },
    ];
    const text = JSON.stringify({ events });
    await observer.invocation(context, {}, () =>
      log.append(key, { first: 1, last: 3, text, snapshot: false }),
    );
    expect(parsed().filter((line) => "spine" in line)).toMatchObject([
      { BudgetStops: 1, UncompensatedRuns: 1 },
    ]);
  });

  it("has one line for each set of dimensions, and declares no other", async () => {
    await observer.invocation(context, {}, () => {
      observer.count("Letters");
      observer.count("ParkedLetters");
      observer.count("AgentLetters", 1, "greeter");
      return Promise.resolve();
    });
    const declared = parsed().flatMap(({ _aws }) =>
      _aws === undefined
        ? []
        : (_aws as { readonly CloudWatchMetrics: readonly { readonly Dimensions: unknown }[] })
            .CloudWatchMetrics,
    );
    expect(declared.map(({ Dimensions }) => Dimensions)).toEqual([
      [["service"]],
      [["spine"]],
      [["spine", "agent"]],
    ]);
  });

  it("counts under the name of its function, so that two spines have separate alarms", async () => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "shop-door");
    const own = createObserver("door", { write: (line) => void lines.push(line) });
    await own.invocation(context, {}, () => Promise.resolve(own.count("LostRaces")));
    vi.unstubAllEnvs();
    expect(parsed().find((line) => "_aws" in line)).toMatchObject({ service: "shop-door", LostRaces: 1 });
  });

  it("counts commits and lost races as metrics of the embedded format", async () => {
    const log = observer.watch(createMemorySessionLog());
    const commit = { first: 1, last: 1, text: "{}", snapshot: false };
    await observer.invocation(context, {}, async () => {
      await log.append(key, commit);
      await log.append(key, commit);
    });
    const metrics = parsed().find((line) => "_aws" in line);
    expect(metrics).toMatchObject({ service: "spine-test", Commits: 1, LostRaces: 1 });
  });

  it("is written for a failed invocation as well, whose error is rethrown", async () => {
    const failing = observer.invocation(context, {}, () => Promise.reject(new TypeError("broken")));
    await expect(failing).rejects.toThrow("broken");
    expect(parsed()[0]).toMatchObject({ troubles: [{ code: "TypeError", message: "broken" }] });
  });
});
