import type { Context, SQSEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { createAgentHandler } from "#aws/lambda/host-agent.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { currentTrace } from "#aws/observe/trace.ts";
import { readTracing } from "#aws/observe/tracing.ts";
import { answered, defineAgent, type Implementation } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { attributesOf, startCollector, type Collector } from "./collector.ts";
import { task, TRACEPARENT } from "./samples.ts";

/** A busy machine shall not turn slowness into a lost span. */
const PATIENT_MS = 60_000;
const CONSUMER = 5;
const INTERNAL = 1;
const FAILED = 2;

let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
  vi.stubEnv("OTEL_RATIO", "1");
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector.stop();
});

const contract = defineAgent({ name: "greeter", output: z.object({ text: z.string() }) });

/** Delivers a task to the host; gives the traces in which its answers went to the door. */
async function delivered(run: Implementation<unknown, { text: string }>) {
  const answers: (string | undefined)[] = [];
  const observer = createObserver("agent-greeter", {
    write: () => undefined,
    tracing: readTracing("agent-greeter", { exportMs: PATIENT_MS }),
  });
  const go = () => Promise.resolve({ go: true as const });
  const handler = createAgentHandler(
    [contract.implement(run)],
    {
      door: {
        look: go,
        beat: go,
        claim: go,
        signals: () => Promise.resolve({ go: true as const, signals: [] }),
        answer: () => {
          answers.push(currentTrace().traceparent);
          return Promise.resolve({ type: "recorded" as const });
        },
      },
      answers: { send: () => Promise.reject(new Error("The door is there.")) },
      clock: createSystemClock(),
      ids: { next: () => "execution-1" },
      fetchView: () => Promise.reject(new Error("No view is linked.")),
      ...(observer.tracer !== undefined && { tracer: observer.tracer }),
    },
    observer,
    () => Promise.resolve(),
  );
  const record = {
    messageId: "m1",
    body: JSON.stringify(task({})),
    attributes: { ApproximateReceiveCount: "1" },
  };
  // Only what is read of an event and a context is there.
  await handler(
    { Records: [record] } as unknown as SQSEvent,
    {
      awsRequestId: "r",
      getRemainingTimeInMillis: () => 30_000,
    } as Context,
  );
  return answers;
}

describe("the spans of an agent's host", () => {
  it("describe a run and its usage by the semantic conventions for generative AI, in the trace of its task", async () => {
    const answers = await delivered(() =>
      answered({
        result: { text: "Hello Ada" },
        usage: { inputTokens: 100, outputTokens: 20, money: 0.5, provider: "aws.bedrock", model: "model-1" },
      }),
    );
    const [run, message] = collector.sent();
    const [, traceId, caller] = TRACEPARENT.split("-");
    expect(message).toMatchObject({ name: "agent", kind: CONSUMER, traceId, parentSpanId: caller });
    expect(run).toMatchObject({
      name: "invoke_agent greeter",
      kind: INTERNAL,
      traceId,
      parentSpanId: message?.spanId,
      status: { code: 0 },
    });
    expect(run && attributesOf(run)).toEqual({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "greeter",
      "gen_ai.conversation.id": "s-1",
      "gen_ai.provider.name": "aws.bedrock",
      "gen_ai.request.model": "model-1",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "event_spine.tenant": "acme",
      "event_spine.task": "t-1",
      "event_spine.attempt": 1,
      "event_spine.step": "0",
      "event_spine.as_of": 3,
      "event_spine.usage.money": 0.5,
    });
    // The door's span is the message's child, not the run's.
    expect(answers).toEqual([`00-${traceId}-${message?.spanId}-01`]);
    expect(JSON.stringify(collector.sent())).not.toMatch(/Ada|secret/);
  });

  it("contain no usage when none was reported", async () => {
    await delivered(() => ({ text: "Hello" }));
    const names = collector.sent().flatMap((span) => Object.keys(attributesOf(span)));
    expect(names).toContain("gen_ai.operation.name");
    expect(names.filter((name) => /usage|provider|model/.test(name))).toEqual([]);
  });

  it("contain the code of a failed run, as an error, and not its message", async () => {
    await delivered(() => {
      throw new SpineError("agent.failed", "Ada Lovelace has no account");
    });
    const [run] = collector.sent();
    expect(run).toMatchObject({ name: "invoke_agent greeter", status: { code: FAILED } });
    expect(run && attributesOf(run)).toMatchObject({ "error.type": "agent.failed" });
    expect(JSON.stringify(collector.sent())).not.toContain("Ada");
  });
});
