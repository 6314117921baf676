import type { Context, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAgentHandler, hostAgent } from "#aws/lambda/host-agent.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { currentTrace } from "#aws/observe/trace.ts";
import { defineAgent, type Agent } from "#core/contract.ts";
import type { TaskCallback } from "#core/later.ts";
import type { AnswerMessage } from "#core/session/task-messages.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { task, TRACEPARENT } from "./samples.ts";

const greeter = defineAgent({ name: "greeter", output: z.object({ text: z.string() }) }).implement(
  // Without an input schema nothing is known of the view.
  ({ context }) => ({ text: `Hello ${String((context as { input: { who: unknown } }).input.who)}` }),
);
// Only the id of a request is read from it.
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 30_000 } as Context;
const event = (message: unknown, receives = "1") =>
  ({
    Records: [
      {
        messageId: "m1",
        body: JSON.stringify(message),
        attributes: { ApproximateReceiveCount: receives },
      },
    ],
  }) as unknown as SQSEvent;

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

function host(answer: () => Promise<{ readonly type: "recorded" | "busy" }>, agent: Agent = greeter) {
  const answers: { readonly by: string; readonly answer: AnswerMessage; readonly trace: unknown }[] = [];
  const asked: string[] = [];
  const go = (what: string) => () => {
    asked.push(what);
    return Promise.resolve({ go: true as const });
  };
  const handler = createAgentHandler(
    [agent],
    {
      answersAt: { door: "spine-door", url: "https://answers" },
      door: {
        look: go("look"),
        beat: go("beat"),
        claim: go("claim"),
        signals: () => Promise.resolve({ go: true, signals: [] }),
        answer: (one) => {
          answers.push({ by: "door", answer: one, trace: currentTrace() });
          return answer();
        },
      },
      answers: {
        send: (one) =>
          Promise.resolve(void answers.push({ by: "queue", answer: one, trace: currentTrace() })),
      },
      clock: createSystemClock(),
      ids: { next: () => "execution-1" },
      fetchView: () => Promise.resolve('{"input":{"who":"Grace"}}'),
    },
    createObserver("agent-greeter", { write: (line) => void lines.push(line) }),
    returnNothing,
  );
  return { handler, answers, asked };
}

describe("an agent as a Lambda handler", () => {
  it("answers the task of its message at the door, with the task's trace", async () => {
    const { handler, answers, asked } = host(() => Promise.resolve({ type: "recorded" }));
    const message = task({ committedAt: Date.now() });
    expect(await handler(event(message), context)).toEqual({ batchItemFailures: [] });
    expect(asked).toEqual([]);
    expect(answers).toMatchObject([
      {
        by: "door",
        answer: {
          task: "t-1",
          token: "a-secret-token",
          outcome: { status: "ok", result: { text: "Hello Ada" } },
        },
        trace: { traceparent: TRACEPARENT, correlation: "order-1" },
      },
    ]);
  });

  it("looks first when its message was redelivered", async () => {
    const { handler, asked } = host(() => Promise.resolve({ type: "recorded" }));
    await handler(event(task({ committedAt: Date.now() }), "2"), context);
    expect(asked).toEqual(["look"]);
  });

  it("falls back to the answers queue when the door is busy", async () => {
    const { handler, answers } = host(() => Promise.resolve({ type: "busy" }));
    await handler(event(task({})), context);
    expect(answers.map(({ by }) => by)).toEqual(["door", "queue"]);
  });

  it("throws when the answer cannot be delivered, so that the message is redelivered soon", async () => {
    const soon: string[] = [];
    const { handler } = host(() => Promise.reject(new Error("no way")));
    const failing = createAgentHandler(
      [greeter],
      {
        door: { look: fail, beat: fail, claim: fail, answer: fail, signals: fail },
        answers: { send: fail },
        clock: createSystemClock(),
        ids: { next: () => "e" },
        fetchView: fail,
      },
      createObserver("agent-greeter", { write: () => undefined }),
      (records, returned, kind) =>
        Promise.resolve(void soon.push(`${kind} ${returned.join()} of ${records.length}`)),
    );
    await expect(failing(event(task({})), context)).rejects.toThrow("down");
    expect(soon).toEqual(["tasks m1 of 1"]);
    await handler(event(task({})), context);
  });

  it.each([
    [
      "arn:aws:lambda:eu-west-1:111122223333:function:spine-agent-film:live",
      "arn:aws:lambda:eu-west-1:111122223333:function:spine-door",
    ],
    ["spine-agent-film", "spine-door"],
  ])("says where a task is answered later: beside %s", async (invokedFunctionArn, door) => {
    const given: TaskCallback[] = [];
    const film = defineAgent({ name: "film", output: z.unknown(), later: true });
    const { handler, answers } = host(
      () => Promise.resolve({ type: "recorded" }),
      film.implement(({ later }) => later((callback) => given.push(callback))),
    );
    const message = task({ committedAt: Date.now() });
    await handler(event(message), { ...context, invokedFunctionArn });
    expect(given).toMatchObject([{ door, url: "https://answers", token: "a-secret-token" }]);
    expect(answers).toEqual([]);
    expect(lines.join()).toContain('"outcome":"later"');
    expect(lines.join()).not.toContain("a-secret-token");
  });

  it("logs one line with the ids of the task and none of its content", async () => {
    const { handler } = host(() => Promise.resolve({ type: "recorded" }));
    await handler(event(task({})), context);
    const [told, ...others] = lines.filter((line) => !line.includes("_aws"));
    expect(others).toEqual([]);
    expect(JSON.parse(told ?? "")).toMatchObject({
      tenant: "acme",
      session: "s-1",
      sequence: 3,
      task: "t-1",
      attempt: 1,
      outcome: "answered",
    });
    // An agent has not got the secret, and a correlation may be somebody's name.
    expect(lines.join()).not.toMatch(/Ada|a-secret-token|order-1/);
  });

  it("names every variable that its environment lacks", () => {
    vi.stubEnv("QUEUE_PREFIX", "");
    vi.stubEnv("DOOR_FUNCTION", "");
    expect(() => hostAgent(greeter)).toThrow("QUEUE_PREFIX, DOOR_FUNCTION");
  });
});

const returnNothing = () => Promise.resolve();
const fail = () => Promise.reject(new Error("down"));
