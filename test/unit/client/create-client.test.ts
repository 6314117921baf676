import * as z from "zod";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { ApiAnswer, ApiRequest, Call } from "#client/call.ts";
import type { Accepted } from "#client/client.ts";
import { createClient } from "#client/typed/create-client.ts";
import type { AnswerTo, EventData, EventType, Question, ReplyTo } from "#client/typed/application-types.ts";
import { defineAgent } from "#core/contract.ts";
import type { ApplicationDefinition } from "#core/flow/application.ts";
import { choice, defineFlow, fallback, human, parallel, reply, sequence, step } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import type { Json } from "#core/json.ts";
import { inProcessCall } from "#testing/in-process/in-process-call.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";

const greeter = defineAgent({ name: "greeter", output: z.object({ text: z.string() }) });
const pricer = defineAgent({ name: "pricer", output: z.object({ total: z.number() }) });

const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const quoting = defineFlow({
  name: "quoting",
  on: "QuoteAsked",
  replies: z.object({ total: z.number() }),
  plan: sequence(
    step(pricer, {
      fallback: fallback.human({ ask: "What does it cost?", answer: z.object({ total: z.number() }) }),
    }),
    choice({
      when: [
        { if: "pricer.total > 100", then: human({ ask: "May we?", answer: z.object({ yes: z.boolean() }) }) },
      ],
      otherwise: parallel({ branches: { why: human({ ask: "Why?", timeoutMs: 1 }) } }),
    }),
    reply("pricer"),
  ),
});
const application = {
  flows: [greeting, quoting],
  events: { GreetingAsked: z.object({ who: z.string() }), NoteTaken: z.object({ note: z.string() }) },
} satisfies ApplicationDefinition;
type App = typeof application;

/** For the compiler: what a flow of this plan replies. */
function replyIn<Plan extends PlanNode>(plan: Plan) {
  const flows = [defineFlow({ name: "a", on: "A", plan })];
  return flows as unknown as ReplyTo<{ readonly flows: typeof flows }, "A">;
}

describe("the types of an application", () => {
  it("name its events, with data as their schemas take it", () => {
    expectTypeOf<EventType<App>>().toEqualTypeOf<"GreetingAsked" | "QuoteAsked" | "NoteTaken">();
    expectTypeOf<EventData<App, "GreetingAsked">>().toEqualTypeOf<{ who: string }>();
    expectTypeOf<EventData<App, "QuoteAsked">>().toEqualTypeOf<Json>();
  });

  it("tell what its flows reply: by their schema, or by their only task", () => {
    expectTypeOf<ReplyTo<App, "GreetingAsked">>().toEqualTypeOf<{ text: string }>();
    expectTypeOf<ReplyTo<App, "QuoteAsked">>().toEqualTypeOf<{ total: number }>();
    expectTypeOf<ReplyTo<App, "NoteTaken">>().toEqualTypeOf<Json>();
    const inTurn = replyIn(sequence(step(pricer), step(greeter)));
    expectTypeOf(inTurn).toEqualTypeOf<{ text: string }>();
    expectTypeOf(replyIn(step(greeter, { fallback: fallback.skip() }))).toEqualTypeOf<Json>();
    expectTypeOf(replyIn(sequence(reply("1"), step(greeter)))).toEqualTypeOf<Json>();
  });

  it("name its questions wherever they stand, with their answers", () => {
    expectTypeOf<Question<App>>().toEqualTypeOf<"What does it cost?" | "May we?" | "Why?">();
    expectTypeOf<AnswerTo<App, "May we?">>().toEqualTypeOf<{ yes: boolean }>();
    expectTypeOf<AnswerTo<App, "What does it cost?">>().toEqualTypeOf<{ total: number }>();
    expectTypeOf<AnswerTo<App, "Why?">>().toEqualTypeOf<Json>();
  });

  it("are any, of an application of which the compiler knows no flow", () => {
    expectTypeOf<EventType<ApplicationDefinition>>().toEqualTypeOf<string>();
    expectTypeOf<ReplyTo<ApplicationDefinition, "X">>().toEqualTypeOf<Json>();
    expectTypeOf<Question<ApplicationDefinition>>().toEqualTypeOf<string>();
    expectTypeOf<AnswerTo<ApplicationDefinition, "X">>().toEqualTypeOf<Json>();
  });

  it("refuse another event, other data, another question and another answer", () => {
    const session = createClient<App>({ url: "https://spine.example" }).session("s1");
    const never = () => [
      // @ts-expect-error no flow takes it
      session.send("GretingAsked", {}),
      // @ts-expect-error its schema wants `who`
      session.send("GreetingAsked", { whom: "Ada" }),
      // @ts-expect-error nobody asks it
      session.answer("May they?", { yes: true }),
      // @ts-expect-error its schema wants a boolean
      session.answer("May we?", { yes: "yes" }),
    ];
    expect(never).toBeTypeOf("function");
    expectTypeOf(session.ask<"GreetingAsked">).returns.resolves.toEqualTypeOf<{ text: string }>();
    expectTypeOf(session.send<"QuoteAsked">).returns.resolves.toEqualTypeOf<Accepted>();
  });
});

const stage = (total = 7) => {
  const spine = inProcessSpine({
    ...application,
    agents: [
      greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` })),
      pricer.implement(() => ({ total })),
    ],
  });
  const session = (name: string) => createClient<App>({ call: inProcessCall(spine) }).session(name);
  return { spine, session };
};

describe("a typed client", () => {
  it("asks and has the reply", async () => {
    const { spine, session } = stage();
    expect(await session("s1").ask("GreetingAsked", { who: "Ada" })).toEqual({ text: "Hello Ada" });
    expect((await session("s1").state()).context["greeter"]).toEqual({ text: "Hello Ada" });
    await spine.close();
  });

  it("reads the events from a sequence on, until the iteration ends", async () => {
    const { spine, session } = stage();
    const { sequence } = await session("s1").send("GreetingAsked", { who: "Ada" });
    await spine.idle();
    const types: string[] = [];
    for await (const { event } of session("s1").events({ after: sequence })) {
      types.push(event.type);
      if (event.type === "RunCompleted") break;
    }
    expect(types.slice(0, 2)).toEqual(["FlowStored", "RunQueued"]);
    await spine.close();
  });

  it("answers the question by its wording, or as it was listed", async () => {
    const { spine, session } = stage(120);
    await session("s1").send("QuoteAsked", {});
    await spine.idle();
    const [asked] = await session("s1").questions();
    expect(asked).toMatchObject({ question: "May we?" });
    await expect(session("s1").answer("Why?", "so")).rejects.toMatchObject({ code: "question.closed" });
    const { reply: replied } = await session("s1").answer("May we?", { yes: true }, { waitMs: 5_000 });
    expect(replied?.body).toEqual({ total: 120 });
    expect(await session("s1").questions()).toEqual([]);
    await spine.close();
  });

  it("says where no reply will come, or a person is asked first", async () => {
    const { spine, session } = stage(120);
    await expect(session("s1").ask("NoteTaken", { note: "x" })).rejects.toMatchObject({ status: 422 });
    await expect(session("s1").ask("QuoteAsked", {})).rejects.toMatchObject({ code: "reply.none" });
    await spine.close();
  });

  it("throws the error of a run that failed", async () => {
    const failing: Call = () =>
      Promise.resolve({
        status: 200,
        headers: {},
        body: JSON.stringify({
          ...{ session: "s1", id: "1", sequence: 1, disposition: "triggers" },
          reply: { sequence: 4, failed: true, body: { code: "agent.failed", message: "down" } },
        }),
      });
    const asked = createClient<App>({ call: failing }).session("s1").ask("GreetingAsked", { who: "Ada" });
    await expect(asked).rejects.toMatchObject({ code: "agent.failed", message: "down" });
  });
});

describe("a typed client by its address", () => {
  it("says who calls, by the given fetch", async () => {
    const sent: (readonly [string, RequestInit | undefined])[] = [];
    const fetched: typeof fetch = (url, init) => {
      sent.push([String(url), init]);
      const body = JSON.stringify({ session: "s1", id: "1", sequence: 1, disposition: "ignored" });
      return Promise.resolve(new Response(body, { status: 202 }));
    };
    const authorize = () => Promise.resolve({ authorization: "Bearer token" });
    const client = createClient<App>({ url: "https://spine.example/base/", authorize, fetch: fetched });
    expect(await client.session("s 1").send("NoteTaken", { note: "x" })).toMatchObject({ sequence: 1 });
    const [[url, init] = []] = sent;
    expect(url).toBe("https://spine.example/base/sessions/s%201/events");
    expect(init?.headers).toMatchObject({ authorization: "Bearer token" });
  });
});

describe("what a typed client sends again", () => {
  const TAKEN = { session: "s1", id: "m", sequence: 3, disposition: "triggers" };
  const answerOf = (status: number, headers = {}): ApiAnswer => ({
    status,
    headers,
    body: JSON.stringify(TAKEN),
  });
  const clientOf = (...answers: readonly (ApiAnswer | Error)[]) => {
    const asked: ApiRequest[] = [];
    const call: Call = (request) => {
      asked.push(request);
      const next = answers[asked.length - 1] ?? new Error("Nobody answers.");
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    const retries = { tries: 3, firstMs: 0 };
    return { asked, session: createClient<App>({ call }, { retries }).session("s1") };
  };

  it("has the same id, also where nobody answered", async () => {
    const { asked, session } = clientOf(
      new Error("cut"),
      answerOf(503, { "retry-after": "0" }),
      answerOf(202),
    );
    await session.send("GreetingAsked", { who: "Ada" }, { facts: { who: "Ada" }, ordinal: 1 });
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
    const body = JSON.parse(asked[0]?.body ?? "") as Readonly<Record<string, unknown>>;
    expect(body).toMatchObject({ type: "GreetingAsked", session: { who: "Ada" }, ordinal: 1 });
    expect(body["id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("ends with what the last try came to", async () => {
    const { asked, session } = clientOf();
    await expect(session.send("GreetingAsked", { who: "Ada" })).rejects.toThrow("Nobody answers.");
    expect(asked).toHaveLength(3);
  });

  it("is not what was refused for good", async () => {
    const { asked, session } = clientOf(answerOf(409));
    await expect(session.send("GreetingAsked", { who: "Ada" })).rejects.toMatchObject({ status: 409 });
    expect(asked).toHaveLength(1);
  });

  it("is given up with the signal, also in a pause", async () => {
    const controller = new AbortController();
    const { asked, session } = clientOf(answerOf(503, { "retry-after": "1000000" }));
    const sent = session.send("GreetingAsked", { who: "Ada" }, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
    expect(asked[0]?.signal).toBe(controller.signal);
    await expect(
      session.send("GreetingAsked", { who: "Ada" }, { signal: controller.signal }),
    ).rejects.toThrow("enough");
    expect(asked).toHaveLength(1);
  });
});
