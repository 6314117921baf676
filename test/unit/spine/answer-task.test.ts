import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { answerTask, beatTask, taskSignals } from "#client/answer-task.ts";
import { postAnswer } from "#client/post-answer.ts";
import { untilTaken } from "#client/until-taken.ts";
import { SpineError } from "#core/errors.ts";
import type { AnswerResult } from "#core/session/task-messages.ts";
import { awsError, inputsOf, mockedClient } from "../../aws/aws-mock.ts";

const lambda = mockedClient(LambdaClient);
const PROOF = { tenant: "acme", session: "visit-1", task: "t1", attempt: 2, token: "a token" };
const DOOR = "arn:aws:lambda:eu-west-1:111122223333:function:spine-door";
const CALLBACK = { ...PROOF, door: DOOR, deadline: 1_000 };
const OUTCOME = { status: "ok", result: { film: "a-day.mp4" } } as const;
const answers = (body: object) => ({ Payload: new TextEncoder().encode(JSON.stringify(body)) as never });
const requests = () =>
  inputsOf(lambda).map((input) => {
    const { FunctionName, Payload } = input as { FunctionName: string; Payload: Uint8Array };
    return [FunctionName, JSON.parse(new TextDecoder().decode(Payload))] as const;
  });
const client = new LambdaClient({ region: "eu-west-1" });

beforeEach(() => lambda.reset());

describe("an answer by callback", () => {
  it("invokes the door that the callback names, with its proof and nothing else of it", async () => {
    lambda.on(InvokeCommand).resolves(answers({ ok: true, verdict: { type: "recorded" } }));
    expect(await answerTask(CALLBACK, OUTCOME, { client })).toEqual({ type: "recorded" });
    expect(requests()).toEqual([[DOOR, { op: "answer", answer: { ...PROOF, outcome: OUTCOME } }]]);
  });

  it("tells what breaks the contract, and hands on no other task", async () => {
    const problems = [{ field: "result.film", problem: "is missing", repair: "Give it." }];
    const verdict = { type: "recorded", problems, next: { task: "t2" } };
    lambda.on(InvokeCommand).resolves(answers({ ok: true, verdict }));
    expect(await answerTask(CALLBACK, OUTCOME, { client })).toEqual({ type: "recorded", problems });
  });

  it("is refused at once with code and repair, as the door says it", async () => {
    const error = { code: "task.token", message: "No.", problems: [], retryable: false };
    lambda.on(InvokeCommand).resolves(answers({ ok: false, error }));
    await expect(answerTask(CALLBACK, OUTCOME, { client })).rejects.toMatchObject({ code: "task.token" });
    expect(requests()).toHaveLength(1);
  });

  it("is not repeated where the caller may not invoke the door", async () => {
    lambda.on(InvokeCommand).rejects(awsError("AccessDeniedException"));
    await expect(answerTask(CALLBACK, OUTCOME, { client })).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("AccessDeniedException") as string,
    });
    expect(requests()).toHaveLength(1);
  });

  it("needs the whole callback", async () => {
    await expect(answerTask({ ...CALLBACK, door: "" }, OUTCOME, { client })).rejects.toMatchObject({
      problems: [{ field: "callback.door" }],
    });
    await expect(answerTask({ ...CALLBACK, session: "" }, OUTCOME, { client })).rejects.toMatchObject({
      code: "id.invalid",
    });
    await expect(postAnswer(CALLBACK, OUTCOME)).rejects.toMatchObject({
      problems: [{ field: "callback.url" }],
    });
  });
});

describe("signals by callback", () => {
  it("are asked of the door, after the last that is known", async () => {
    const verdict = { go: true, signals: [{ number: 3, name: "enough", data: null }] };
    lambda.on(InvokeCommand).resolves(answers({ ok: true, verdict }));
    expect(await taskSignals(CALLBACK, 2, { client })).toEqual(verdict);
    expect(requests()).toEqual([[DOOR, { op: "signals", proof: PROOF, after: 2 }]]);
  });
});

describe("a heartbeat by callback", () => {
  it.each([true, false])("says whether the answer still counts: %s", async (go) => {
    lambda.on(InvokeCommand).resolves(answers({ ok: true, verdict: { go } }));
    expect(await beatTask(CALLBACK, { client })).toBe(go);
    expect(requests()).toEqual([[DOOR, { op: "beat", proof: PROOF }]]);
  });
});

describe("sending until it is taken", () => {
  const pauses: number[] = [];
  const pause = (ms: number) => Promise.resolve(void pauses.push(ms));
  const sending = (given: readonly (AnswerResult["type"] | Error)[]) => {
    pauses.length = 0;
    const left = [...given];
    return untilTaken(() => {
      const next = left.shift() ?? "busy";
      return next instanceof Error ? Promise.reject(next) : Promise.resolve({ type: next });
    }, pause);
  };
  const passing = new SpineError("log.unavailable", "Not now.", { retryable: true });

  it("goes on while others are at the session, with longer pauses, and gives up after eight tries", async () => {
    expect(await sending(["busy", passing, "settled"])).toEqual({ type: "settled" });
    expect(pauses).toEqual([100, 200]);
    expect(await sending([])).toEqual({ type: "busy" });
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_000, 3_000]);
  });

  it("throws the last trouble, and any that no repetition cures", async () => {
    await expect(sending(Array.from({ length: 8 }, () => passing))).rejects.toBe(passing);
    await expect(sending([new SpineError("answer.malformed", "No.")])).rejects.toThrow("No.");
    expect(pauses).toEqual([]);
  });
});
