import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fallback, human, parallel, sequence, step } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import { parseTenantId } from "#core/ids.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { RIGHTS } from "#core/rights.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import type { Caller } from "#runtime/doors/read-event.ts";
import {
  answerOf,
  createBench,
  failure,
  flowOf,
  KEY,
  lastSent,
  typesOf,
  writer,
  type Bench,
} from "./engine.ts";

const SHOP: Caller = { tenant: parseTenantId("acme"), source: "shop" };
const ASK = { type: "Asked", id: "1", data: {} };
const decision = z.object({ decision: z.enum(["yes", "no"]), amount: z.coerce.number().optional() });
const consent = human({ ask: "May we?", answer: decision, into: "consent" });

const stateOf = async ({ engine }: Bench) => (await loadSession(engine, KEY)).state;
const asks = async (bench: Bench): Promise<readonly string[]> => openAskIds(await stateOf(bench));

describe("a person who answers or commands", () => {
  it("is in the log by the role session's name, beside the role", async () => {
    const bench = createBench({ flows: [flowOf(sequence(consent, step(writer)))] });
    const ada = { ...SHOP, person: "ada" };
    const ingress = createIngress(bench.engine);
    await ingress.send(ada, "visit-1", ASK);
    const asked = (await bench.reader.events(KEY)).find(({ type }) => type === "HumanAsked");
    const { ask } = asked?.data as { readonly ask: string };
    await ingress.answerHuman(ada, "visit-1", ask, { value: { decision: "yes", amount: "5" } });
    await ingress.command(ada, "visit-1", { type: "stop", reason: "enough" });
    const events = await bench.reader.events(KEY);
    expect(events.find(({ type }) => type === "HumanAnswered")).toMatchObject({
      data: { input: { source: "shop", by: "ada" } },
    });
    expect(events.find(({ type }) => type === "CommandGiven")).toMatchObject({
      data: { source: "shop", by: "ada", command: { reason: "enough" } },
    });
    expect(verifyReplay(await bench.reader.allCommits(KEY), bench.engine.application)).toBeUndefined();
  });
});

describe("a person's answer to a question", () => {
  it("is rejected when it does not fit, with the schema and the open questions; the question stays open", async () => {
    const bench = createBench({
      flows: [flowOf(parallel({ branches: { a: consent, b: human({ ask: "Why?", into: "why" }) } }))],
    });
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    const [ask = "", other = ""] = await asks(bench);
    const refusal = ingress.answerHuman(SHOP, "visit-1", ask, { value: { decision: "nonsense" } });
    await expect(refusal).rejects.toMatchObject({
      code: "input.schema",
      problems: [{ field: "value.decision" }],
      message: expect.stringMatching(/"May we\?".*It takes \{.*"yes".*Open questions: /) as string,
    });
    await expect(refusal).rejects.toThrow(`Open questions: ${ask}, ${other}.`);
    expect(await asks(bench)).toEqual([ask, other]);
    await ingress.answerHuman(SHOP, "visit-1", other, { value: "anything" });
    await ingress.answerHuman(SHOP, "visit-1", ask, { value: { decision: "yes", amount: "5" } });
    // As the schema made it.
    expect((await stateOf(bench)).context).toMatchObject({
      consent: { decision: "yes", amount: 5 },
      why: "anything",
    });
  });

  it("is a 422 over HTTP", async () => {
    const bench = createBench({ flows: [flowOf(consent)] });
    await createIngress(bench.engine).send(SHOP, "visit-1", ASK);
    const [ask = ""] = await asks(bench);
    const response = await createHttpIngress(bench.engine)({
      method: "POST",
      path: `/sessions/visit-1/asks/${ask}`,
      query: {},
      headers: { "content-type": "application/json" },
      caller: { ...SHOP, rights: RIGHTS },
      body: '{"value": 7}',
    });
    expect(response).toMatchObject({ status: 422 });
    expect(JSON.parse(response.body ?? "")).toMatchObject({ problems: [{ field: "value" }] });
  });

  it("is validated against the schema of a fallback's question too", async () => {
    const plan = step(writer, {
      retries: { max: 0, backoffMs: 0 },
      fallback: fallback.human({ ask: "What now?", answer: decision }),
    });
    const bench = createBench({ flows: [flowOf(plan)] });
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), failure(false)));
    const [ask = ""] = await asks(bench);
    await expect(ingress.answerHuman(SHOP, "visit-1", ask, { value: {} })).rejects.toMatchObject({
      code: "input.schema",
    });
    await ingress.answerHuman(SHOP, "visit-1", ask, { value: { decision: "no" } });
    expect(await typesOf(bench)).toContain("RunCompleted");
  });

  it("has one schema per question: the linter reports a second one", () => {
    const other = human({ ask: "May we?", answer: z.string() });
    const rules = (plan: Parameters<typeof flowOf>[0]) =>
      lintFlows([flowOf(plan)], []).map(({ rule }) => rule);
    expect(rules(sequence(consent, other))).toContain("duplicate-name");
    expect(
      rules(sequence(consent, human({ ask: "May we?", answer: decision, into: "again" }))),
    ).not.toContain("duplicate-name");
  });
});
