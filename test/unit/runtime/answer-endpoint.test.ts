import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { parseTaskId } from "#core/ids.ts";
import type { AnswerMessage, AnswerResult } from "#core/session/task-messages.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createAnswerPace } from "#runtime/doors/answer-pace.ts";
import { createAnswerEndpoint, MAX_ANSWER_BODY_BYTES } from "#runtime/doors/create-answer-endpoint.ts";
import { KEY, START, tokens } from "./engine.ts";

const ATTEMPT = { ...KEY, task: parseTaskId("t1"), attempt: 1 };
const OUTCOME = { status: "ok", result: { pages: 12 } };
const ANSWER = { ...ATTEMPT, token: tokens.issue(ATTEMPT), outcome: OUTCOME };

/** An endpoint beside a door that gives what it is told to give, or throws it, and remembers what came. */
function endpointOf(given: AnswerResult | Error = { type: "recorded" }) {
  const clock = createMovableClock(START);
  const door: AnswerMessage[] = [];
  const troubles: unknown[] = [];
  const endpoint = createAnswerEndpoint({
    door: {
      answer: (answer) => {
        door.push(answer);
        return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
      },
    },
    tokens,
    pace: createAnswerPace(clock),
    onTrouble: (error) => void troubles.push(error),
  });
  const post = async (answer: unknown, method = "POST") => {
    const body = typeof answer === "string" ? answer : JSON.stringify(answer);
    const { status, headers, body: text } = await endpoint({ method, body });
    return { status, headers, body: JSON.parse(text) as Readonly<Record<string, unknown>> };
  };
  return { post, door, troubles, clock };
}

describe("the public endpoint for answers", () => {
  it("hands a proven answer to the door, without what else was sent, and tells what became of it", async () => {
    const { post, door } = endpointOf();
    const { status, body, headers } = await post({ ...ANSWER, nextWithinMs: 900_000, more: "x" });
    expect([status, body]).toEqual([200, { type: "recorded" }]);
    expect(headers).toEqual({ "content-type": "application/json", "cache-control": "no-store" });
    expect(door).toEqual([ANSWER]);
  });

  it("hands out no task, whatever the door says", async () => {
    const { post } = endpointOf({ type: "settled", next: { token: "another" } as never });
    expect((await post(ANSWER)).body).toEqual({ type: "settled" });
  });

  it.each([
    ["another token", { token: "x".repeat(43) }],
    ["another attempt", { attempt: 2 }],
    ["another session", { session: "visit-2" }],
    ["another tenant", { tenant: "other" }],
  ])("refuses %s before it asks the door, and tells nothing of the session", async (_what, other) => {
    const { post, door, troubles } = endpointOf();
    const { status, body } = await post({ ...ANSWER, ...other });
    expect(status).toBe(403);
    expect(JSON.stringify(body)).not.toMatch(/visit|acme|other/);
    expect([door, troubles]).toEqual([[], []]);
  });

  it.each([
    ["GET", "", 405],
    ["OPTIONS", "", 405],
    ["POST", "no JSON", 400],
    ["POST", "[]", 400],
    ["POST", JSON.stringify({ ...ANSWER, outcome: { status: "perhaps" } }), 400],
    ["POST", JSON.stringify({ ...ANSWER, session: "\u0000" }), 400],
    ["POST", " ".repeat(MAX_ANSWER_BODY_BYTES + 1), 413],
    ["POST", "é".repeat(MAX_ANSWER_BODY_BYTES / 2 + 1), 413],
  ])("refuses %s %.20s with %d, and lets no other page's script read it", async (method, body, status) => {
    const { post, door } = endpointOf();
    const refused = await post(body, method);
    expect(refused.status).toBe(status);
    expect(Object.keys(refused.headers).join()).not.toMatch(/access-control/i);
    expect(refused.body["problems"]).toEqual([
      {
        field: expect.any(String) as string,
        problem: expect.any(String) as string,
        repair: expect.any(String) as string,
      },
    ]);
    expect(door).toEqual([]);
  });

  it.each([
    ["a busy session", { type: "busy" } as const, 0],
    [
      "a door that is down",
      new SpineError("log.unavailable", "The table acme does not answer.", { retryable: true }),
      1,
    ],
    ["anything else", new Error("acme/visit-1"), 1],
  ])(
    "answers 503 for %s, with a time to try again and nothing of its inside",
    async (_what, given, troubled) => {
      const { post, troubles } = endpointOf(given);
      const { status, headers, body } = await post(ANSWER);
      expect([status, headers["retry-after"]]).toEqual([503, "1"]);
      expect(JSON.stringify(body)).not.toMatch(/acme|visit/);
      expect(troubles).toHaveLength(troubled);
    },
  );

  it("tells what of an answer the door could not read", async () => {
    const problems = [{ field: "outcome.result", problem: "is too large", repair: "Say less." }];
    const { post, troubles } = endpointOf(new SpineError("answer.too-large", "No.", { problems }));
    expect(await post(ANSWER)).toMatchObject({ status: 400, body: { problems } });
    expect(troubles).toEqual([]);
  });

  it("takes ten answers of an attempt at once, then one a second, whatever comes of others", async () => {
    const { post, door, clock } = endpointOf({ type: "settled" });
    const second = { ...ANSWER, attempt: 2, token: tokens.issue({ ...ATTEMPT, attempt: 2 }) };
    const statuses = async (answers: readonly unknown[]) =>
      (await Promise.all(answers.map((answer) => post(answer)))).map(({ status }) => status);
    expect(await statuses(Array(12).fill(ANSWER))).toEqual([...Array<number>(10).fill(200), 429, 429]);
    expect(await statuses([second])).toEqual([200]);
    await clock.runBy(1_000);
    expect(await statuses([ANSWER, ANSWER])).toEqual([200, 429]);
    expect(door).toHaveLength(12);
  });

  it("counts no attempt for whoever cannot prove it", async () => {
    const { post } = endpointOf();
    for (let n = 0; n < 20; n += 1) await post({ ...ANSWER, token: "x".repeat(43) });
    expect((await post(ANSWER)).status).toBe(200);
  });
});

describe("the pace of answers", () => {
  it("forgets the attempt that was asked about the longest ago", () => {
    const pace = createAnswerPace(createMovableClock(START));
    for (let n = 0; n < 10; n += 1) pace("first");
    expect(pace("first")).toBe(false);
    for (let n = 0; n < 1_000; n += 1) pace(`other ${n}`);
    expect(pace("first")).toBe(true);
  });
});
