import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createObserver } from "#aws/observe/observe.ts";
import { createSpanRecorder, type SpanRecorderOptions } from "#aws/observe/otel-spans.ts";
import { batchSpan } from "#aws/sqs/sqs-records.ts";
import { tracedInbox } from "#aws/observe/traced-inbox.ts";
import { currentTrace } from "#aws/observe/trace.ts";
import { readTracing } from "#aws/observe/tracing.ts";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { EventInput } from "#core/session/input.ts";
import type { InboxMessage } from "#ports/queues.ts";
import type { SQSRecord } from "aws-lambda";
import { startCollector, type Collector } from "./collector.ts";
import { TRACEPARENT } from "./samples.ts";

let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await collector.stop();
});

/** A busy machine shall not turn slowness into a lost span. */
const PATIENT_MS = 60_000;
const recorder = (options: Partial<SpanRecorderOptions> = {}) =>
  createSpanRecorder({
    resource: { "service.name": "test" },
    endpoint: collector.endpoint,
    ratio: 1,
    exportMs: PATIENT_MS,
    ...options,
  });

describe("recorded spans", () => {
  it("are sent as OTLP JSON when they are flushed, in the trace of their parent", async () => {
    const recording = recorder();
    const span = recording.start({ name: "door", kind: "server" }, TRACEPARENT);
    expect(collector.requests).toEqual([]);
    span.end();
    await recording.flush();
    expect(collector.requests.map(({ url, type }) => [url, type])).toEqual([
      ["/v1/traces", "application/json"],
    ]);
    const [, traceId, parentSpanId] = TRACEPARENT.split("-");
    expect(collector.sent()).toMatchObject([{ name: "door", traceId, parentSpanId }]);
    expect(span.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it("contain the kind of a failure, and link the traces they continue beside their parent", async () => {
    const recording = recorder();
    const span = recording.start({ name: "coordinator", kind: "consumer", links: [TRACEPARENT] }, undefined);
    span.fail("log.unavailable");
    span.end();
    await recording.flush();
    const [only] = collector.sent();
    expect(only?.status).toEqual({ code: 2 });
    expect(only?.attributes).toContainEqual({
      key: "error.type",
      value: { stringValue: "log.unavailable" },
    });
    expect(only?.links).toMatchObject([{ traceId: TRACEPARENT.split("-")[1] }]);
    expect(only?.traceId).not.toBe(TRACEPARENT.split("-")[1]);
  });

  it("are omitted for a trace that is not sampled, and beyond the ratio", async () => {
    const unwanted = TRACEPARENT.replace(/01$/, "00");
    const recording = recorder({ ratio: 0 });
    const refused = recording.start({ name: "ingress", kind: "server" }, unwanted);
    const beyond = recording.start({ name: "ingress", kind: "server" }, undefined);
    for (const span of [refused, beyond]) {
      // What follows from it is told the same.
      expect(span.traceparent).toMatch(/-00$/);
      span.end();
    }
    await recording.flush();
    expect(collector.requests).toEqual([]);
  });

  it("fail nothing when their collector fails, and are then paused for a while", async () => {
    collector.answerWith(400);
    const recording = recorder();
    for (const _ of ["once", "again"]) {
      recording.start({ name: "door", kind: "server" }, undefined).end();
      await recording.flush();
    }
    expect(collector.requests).toHaveLength(1);
  });

  it("delay the function by half a second at most when their collector hangs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    collector.fallSilent();
    const recording = recorder({ exportMs: 500 });
    recording.start({ name: "door", kind: "server" }, undefined).end();
    let flushed = false;
    const flushing = recording.flush().finally(() => (flushed = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(flushed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await flushing;
  });
});

describe("tracing of a function", () => {
  const context = { awsRequestId: "r" };
  const quiet = () => undefined;

  beforeEach(() => {
    for (const method of ["log", "info", "warn", "error"] as const)
      vi.spyOn(console, method).mockImplementation(() => undefined);
    vi.stubEnv("POWERTOOLS_DEV", "true");
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint);
  });

  it("is off without its variable, and passes the incoming trace on", async () => {
    expect(readTracing("door")).toBeUndefined();
    const observer = createObserver("door", {
      write: quiet,
      tracing: readTracing("door", { exportMs: PATIENT_MS }),
    });
    const given = { traceparent: TRACEPARENT };
    const seen = await observer.invocation(context, given, () => Promise.resolve(currentTrace()), {
      name: "door",
      kind: "server",
    });
    expect(seen).toEqual(given);
  });

  it("sends an invocation's spans before it ends, and passes its own on to its effects", async () => {
    vi.stubEnv("OTEL_RATIO", "1");
    const observer = createObserver("door", {
      write: quiet,
      tracing: readTracing("door", { exportMs: PATIENT_MS }),
    });
    const seen = await observer.invocation(
      context,
      { traceparent: TRACEPARENT, correlation: "c" },
      () => Promise.resolve(currentTrace()),
      { name: "door", kind: "server" },
    );
    expect(seen.correlation).toBe("c");
    expect(seen.traceparent).not.toBe(TRACEPARENT);
    expect(seen.traceparent?.split("-")[1]).toBe(TRACEPARENT.split("-")[1]);
    expect(collector.sent().map(({ name }) => name)).toEqual(["door"]);
  });

  it("works without spans when they cannot be recorded", async () => {
    vi.stubEnv("OTEL_RATIO", "1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere");
    const observer = createObserver("door", {
      write: quiet,
      tracing: readTracing("door", { exportMs: PATIENT_MS }),
    });
    const given = { traceparent: TRACEPARENT };
    const work = () => Promise.resolve(currentTrace());
    expect(await observer.invocation(context, given, work, { name: "door", kind: "server" })).toEqual(given);
  });

  it("rethrows an error, and keeps its message out of the span", async () => {
    vi.stubEnv("OTEL_RATIO", "1");
    const observer = createObserver("door", {
      write: quiet,
      tracing: readTracing("door", { exportMs: PATIENT_MS }),
    });
    const failing = observer.invocation(
      context,
      {},
      () => Promise.reject(new SpineError("id.invalid", '"Ada Lovelace" is no id')),
      { name: "door", kind: "server" },
    );
    await expect(failing).rejects.toThrow("Ada");
    expect(JSON.stringify(collector.sent())).toContain("id.invalid");
    expect(JSON.stringify(collector.sent())).not.toContain("Ada");
  });

  it("starts a trace for each event of the bus without one", async () => {
    vi.stubEnv("OTEL_RATIO", "1");
    const requests: (readonly InboxMessage[])[] = [];
    const tracing = readTracing("intake", { exportMs: PATIENT_MS });
    const inbox = tracedInbox(
      { send: (...messages) => Promise.resolve(void requests.push(messages)) },
      tracing?.tracer,
    );
    const key = parseSessionKey({ tenant: "acme", session: "s-1" });
    const event: EventInput = {
      kind: "event",
      source: "s",
      id: "1",
      hash: "h",
      correlation: "c",
      type: "Asked",
      data: {},
    };
    const inputs = [event, { ...event, id: "2", traceparent: TRACEPARENT }, { ...event, id: "3" }];
    await inbox.send(...inputs.map((input) => ({ key, input, redrive: "r" })));
    const begun = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) as string;
    const [messages = [], ...more] = requests;
    expect(more).toEqual([]);
    expect(messages).toEqual([
      { key, input: { ...event, traceparent: begun }, redrive: "r" },
      { key, input: inputs[1], redrive: "r" },
      { key, input: { ...event, id: "3", traceparent: begun }, redrive: "r" },
    ]);
    await tracing?.flush();
    const traces = collector.sent().map(({ traceId }) => traceId);
    expect([new Set(traces).size, traces.includes(TRACEPARENT.split("-")[1] ?? "")]).toEqual([3, true]);
    await inbox.send();
    expect(requests).toHaveLength(2);
  });

  it("passes on the failure of an inbox", async () => {
    vi.stubEnv("OTEL_RATIO", "1");
    const tracing = readTracing("intake", { exportMs: PATIENT_MS });
    const down = new SpineError("queue.rejected", "down", { retryable: true });
    const inbox = tracedInbox({ send: () => Promise.reject(down) }, tracing?.tracer);
    const key = parseSessionKey({ tenant: "acme", session: "s-1" });
    await expect(inbox.send({ key, input: { kind: "deadline", at: 1 } })).rejects.toBe(down);
  });

  it("is one span per batch in the trace that its messages share, or linked to each of theirs", () => {
    const record = (traceparent?: string) =>
      ({
        messageAttributes: traceparent === undefined ? {} : { traceparent: { stringValue: traceparent } },
      }) as unknown as SQSRecord;
    const other = TRACEPARENT.replace(/-[0-9a-f]{32}-/, `-${"a".repeat(32)}-`);
    expect(batchSpan("coordinator", [record(TRACEPARENT), record(TRACEPARENT)])).toMatchObject({
      given: { traceparent: TRACEPARENT },
      span: { links: [] },
    });
    expect(batchSpan("coordinator", [record(TRACEPARENT), record(other)])).toMatchObject({
      given: {},
      span: { links: [TRACEPARENT, other] },
    });
    expect(batchSpan("coordinator", [record(), record("garbage")])).toMatchObject({
      given: {},
      span: { links: [] },
    });
  });
});
