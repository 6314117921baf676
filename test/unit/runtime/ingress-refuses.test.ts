import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import type { Caller } from "#runtime/doors/read-event.ts";
import { bulk, commitsOf, createBench, flowOf, writer } from "./engine.ts";

const SHOP: Caller = { tenant: parseTenantId("acme"), source: "shop" };
const ASK = { type: "Asked", id: "1", data: { text: "hi" } };

function nested(depth: number): Json {
  let value: Json = 1;
  for (let n = 0; n < depth; n += 1) value = { deeper: value };
  return value;
}

/** As parsed: a literal would set the prototype. */
const proto = (value: object): Json =>
  JSON.parse(`{"__proto__": 1, ${JSON.stringify(value).slice(1)}`) as Json;
const rounded = (data: string): Json => JSON.parse(`{"type": "Asked", "data": ${data}}`) as Json;
const budget = (limits: JsonObject) => ({ ...ASK, constraints: { budget: limits } });

/** What no name may hold: control characters, halves of characters, and what no message of SQS takes. */
const UNSPEAKABLE = [
  "\u0000",
  "\n",
  "\u001b]52;c;AA==\u0007",
  "\u007f",
  "\u009b",
  "\ud800",
  "\udfff",
  "\uffff",
];

describe("a name with control characters or unpaired surrogates", () => {
  const named = fc
    .tuple(fc.string({ maxLength: 20 }), fc.constantFrom(...UNSPEAKABLE), fc.string({ maxLength: 20 }))
    // Two halves that meet are a character.
    .map(([before, bad, after]) => `a${before}b${bad}c${after}d`);

  it("is rejected in every field of an event, with field, problem and repair", async () => {
    const ingress = createIngress(createBench().engine);
    await fc.assert(
      fc.asyncProperty(named, fc.constantFrom("id", "correlation", "type"), async (name, field) => {
        await expect(ingress.send(SHOP, "visit-1", { ...ASK, [field]: name })).rejects.toMatchObject({
          code: "input.malformed",
          problems: [{ field, problem: expect.stringContaining("control"), repair: expect.any(String) }],
        });
      }),
    );
  });

  it("is rejected in answers, commands and sessions too", async () => {
    const ingress = createIngress(createBench().engine);
    await fc.assert(
      fc.asyncProperty(named, async (name) => {
        const stop = { type: "stop", reason: "enough" };
        const cancel = { type: "cancel", reason: "enough" };
        for (const [refused, code, field] of [
          [ingress.send(SHOP, name, ASK), "id.invalid", "session"],
          [ingress.answerHuman(SHOP, "visit-1", name, { value: 1 }), "id.invalid", "ask"],
          [ingress.answerHuman(SHOP, "visit-1", "ask-1", { id: name, value: 1 }), "input.malformed", "id"],
          [ingress.command(SHOP, "visit-1", { ...stop, id: name }), "input.malformed", "id"],
          [ingress.command(SHOP, "visit-1", { ...cancel, run: name }), "input.malformed", "run"],
        ] as const)
          await expect(refused).rejects.toMatchObject({ code, problems: [{ field }] });
      }),
    );
  });

  it("may otherwise contain any text that people write", async () => {
    const bench = createBench();
    const id = "Größe 7 – 注文 👩‍💻";
    const taken = await createIngress(bench.engine).send(SHOP, "visit-1", { ...ASK, id, correlation: id });
    expect(taken).toMatchObject({ id, sequence: 1 });
  });
});

describe("the ingress rejects", () => {
  const schema = z.object({ text: z.string() });

  it.each([
    ["no object", "text", "input.malformed", "body"],
    ["no type", { data: 1 }, "input.malformed", "type"],
    ["a field that nobody knows", { ...ASK, colour: "red" }, "input.malformed", "colour"],
    ["a field named as objects' prototypes are", proto(ASK), "input.malformed", "__proto__"],
    ["a fact named so", { ...ASK, session: proto({ who: "Jo" }) }, "input.malformed", "session.__proto__"],
    ["a fact whose name cannot be read", { ...ASK, session: { "a b": 1 } }, "input.malformed", "session.a b"],
    ["facts that are a list", { ...ASK, session: [] }, "input.malformed", "session"],
    ["no data where there must be some", { type: "Asked" }, "input.schema", "data"],
    [
      "a whole number that is rounded",
      rounded('{"n": [1, 9007199254740993]}'),
      "input.malformed",
      "data.n.1",
    ],
    ["a number beyond all numbers", rounded("1e400"), "input.malformed", "data"],
    ["a negative one of those", rounded('{"x": -1e999}'), "input.malformed", "data.x"],
    ["a rounded fact", { ...ASK, session: { id: 1e21 } }, "input.malformed", "session.id"],
    ["a value that is no JSON", { ...ASK, data: { text: "a", at: new Map() } }, "input.malformed", "data.at"],
    ["a budget in words", budget({ tokens: "250" }), "input.malformed", "constraints.budget.tokens"],
    ["a negative budget", budget({ tokens: -1 }), "input.malformed", "constraints.budget.tokens"],
    ["an unknown budget", budget({ maxTokens: 250 }), "input.malformed", "constraints.budget.maxTokens"],
    ["a time in words", budget({ sessionMs: "1000" }), "input.malformed", "constraints.budget.sessionMs"],
    ["half a hop", budget({ hops: 0.5 }), "input.malformed", "constraints.budget.hops"],
    [
      "a budget that is none",
      { ...ASK, constraints: { budget: 3 } },
      "input.malformed",
      "constraints.budget",
    ],
    ["an ordinal of zero", { ...ASK, ordinal: 0 }, "input.malformed", "ordinal"],
    ["an unknown lane", { ...ASK, lane: "fast" }, "input.malformed", "lane"],
    ["a traceparent that is none", { ...ASK, traceparent: "00-1" }, "input.malformed", "traceparent"],
    ["a type that no flow knows", { ...ASK, type: "Sung" }, "input.unknown-type", "type"],
    ["data that does not fit", { ...ASK, data: { text: 1 } }, "input.schema", "data.text"],
    ["a body over 256 kB", { ...ASK, data: { text: bulk(256_000) } }, "input.too-large", "body"],
    ["a body nested too deep", { ...ASK, data: nested(70) }, "input.malformed", "data"],
  ])("%s, naming field, problem and repair", async (_what, body, code, field) => {
    const bench = createBench({ events: { Asked: schema } });
    const refusal = createIngress(bench.engine).send(SHOP, "visit-1", body);
    await expect(refusal).rejects.toMatchObject({ code, problems: [{ field }] });
    const error = (await refusal.catch((caught: unknown) => caught)) as {
      readonly problems: readonly { readonly problem: string; readonly repair: string }[];
    };
    expect(error.problems[0]?.problem).not.toBe("");
    expect(error.problems[0]?.repair).not.toBe("");
    expect(await commitsOf(bench)).toEqual([]);
  });

  it("an invalid session name", async () => {
    const bench = createBench();
    await expect(createIngress(bench.engine).send(SHOP, "no/slashes", ASK)).rejects.toMatchObject({
      code: "id.invalid",
      problems: [{ field: "session" }],
    });
  });

  it("data whose schema throws, as data that does not fit", async () => {
    const broken = z.unknown().transform(() => {
      throw new TypeError("the schema is broken");
    });
    const bench = createBench({ events: { Asked: broken } });
    await expect(createIngress(bench.engine).send(SHOP, "visit-1", ASK)).rejects.toMatchObject({
      code: "input.schema",
      problems: [{ field: "data" }],
    });
  });

  it("the same id with another body", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    await expect(ingress.send(SHOP, "visit-1", { ...ASK, data: 2 })).rejects.toMatchObject({
      code: "input.conflict",
      retryable: false,
    });
  });

  it("an event whose flow rejects it while busy, although it is recorded", async () => {
    const bench = createBench({ flows: [flowOf(step(writer), { onBusy: "reject" })] });
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    await expect(ingress.send(SHOP, "visit-1", { ...ASK, id: "2" })).rejects.toMatchObject({
      code: "input.rejected",
    });
    expect(await commitsOf(bench)).toHaveLength(2);
  });

  it("a rejected event each time it is sent again, and none that it accepted", async () => {
    const bench = createBench({ flows: [flowOf(step(writer), { onBusy: "reject" })] });
    const ingress = createIngress(bench.engine);
    const { sequence } = await ingress.send(SHOP, "visit-1", ASK);
    for (const _time of [1, 2, 3]) {
      await expect(ingress.send(SHOP, "visit-1", { ...ASK, id: "2" })).rejects.toMatchObject({
        code: "input.rejected",
      });
    }
    expect(await ingress.send(SHOP, "visit-1", ASK)).toMatchObject({ duplicate: true, sequence });
  });

  it("a session that cannot be folded", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    const garbled: SessionLog = {
      ...bench.log,
      readTail: async (key) => (await bench.log.readTail(key)).map((stored) => ({ ...stored, text: "{" })),
    };
    const blind = createIngress({ ...bench.engine, log: garbled });
    const unreadable = { code: "session.unreadable" };
    await expect(blind.send(SHOP, "visit-1", { ...ASK, id: "2" })).rejects.toMatchObject(unreadable);
    await expect(blind.answerHuman(SHOP, "visit-1", "a", { value: 1 })).rejects.toMatchObject(unreadable);
    await expect(blind.command(SHOP, "visit-1", { type: "stop", reason: "x" })).rejects.toMatchObject(
      unreadable,
    );
  });

  it("a session that others keep busy for a second, with a time to retry after", async () => {
    const bench = createBench();
    const lost: SessionLog = {
      ...bench.log,
      append: () => {
        bench.clock.advanceBy(100);
        return Promise.resolve("conflict");
      },
    };
    const ingress = createIngress({ ...bench.engine, log: lost });
    const refusal = expect(ingress.send(SHOP, "visit-1", ASK)).rejects.toMatchObject({
      code: "session.contended",
      retryable: true,
    });
    await bench.clock.runBy(2_000);
    await refusal;
  });

  it.each([
    ["a command that does not exist", { type: "restart", reason: "x" }],
    ["a stop without a reason", { type: "stop" }],
  ])("%s", async (_what, body) => {
    const bench = createBench();
    await expect(createIngress(bench.engine).command(SHOP, "visit-1", body)).rejects.toMatchObject({
      code: "input.malformed",
    });
  });
});
