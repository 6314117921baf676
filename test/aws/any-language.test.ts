import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Validator } from "@cfworker/json-schema";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { protocol, protocolSchema } from "#aws/lambda/protocol-schema.ts";
import { parseAnswer, parseExecution, parseProof } from "#runtime/doors/agent-protocol.ts";
import { task } from "./samples.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** As `npm run format` writes it. */
const written = async (value: unknown) => {
  const style = JSON.parse(readFileSync(at(".prettierrc.json"), "utf8")) as object;
  return format(JSON.stringify(value), { ...style, parser: "json" });
};

describe("the published schema", () => {
  it("matches the code (vitest -u updates it)", async () => {
    await expect(await written(protocolSchema())).toMatchFileSnapshot("../../docs/task.schema.json");
  });

  const schema = protocolSchema();
  /** What somebody who has nothing but the file says of a message. */
  const published = (name: keyof typeof protocol) => {
    const validator = new Validator({ ...schema, $ref: `#/$defs/${name}` }, "2020-12");
    return (message: unknown): boolean => validator.validate(message).valid;
  };
  const answerFits = published("answer");
  const requestFits = published("doorRequest");

  it("names nothing that it lacks", () => {
    const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref = ""]) => ref);
    expect(refs.filter((ref) => !Object.keys(schema.$defs).includes(ref.replace("#/$defs/", "")))).toEqual(
      [],
    );
  });

  it("accepts the tasks that are sent", () => {
    const sent: unknown = JSON.parse(JSON.stringify(task({ viewUrl: "https://there", linked: true })));
    expect(protocol.task.parse(sent)).toEqual(sent);
    expect(published("task")(sent)).toBe(true);
  });

  const { tenant, session, task: id, attempt, token } = task({});
  const proof = { tenant, session, task: id, attempt, token };
  const failure = { status: "failed", error: { code: "x", message: "y" }, retryable: true };

  it.each([
    { status: "ok", result: null },
    { status: "ok", result: { a: [1] }, confidence: 0.5, usage: { tokens: 3, money: 0.1 } },
    failure,
    { ...failure, effect: "not-done", usage: { tokens: 1 } },
  ])("accepts the answer %j, and so does the spine", (outcome) => {
    const answer = { ...proof, outcome };
    expect(answerFits(answer)).toBe(true);
    expect(requestFits({ op: "answer", answer })).toBe(true);
    expect(parseAnswer(answer)).toEqual(answer);
  });

  it("passes over fields that it does not know, and so does the spine", () => {
    const answer = { ...proof, outcome: { ...failure, colour: "red" }, mood: "good" };
    expect(answerFits(answer)).toBe(true);
    expect(parseAnswer(answer)).toEqual({ ...proof, outcome: failure });
  });

  it.each([
    { status: "ok" },
    { status: "ok", result: 1, confidence: 2 },
    { status: "ok", result: 1, usage: { tokens: -1 } },
    { status: "failed", retryable: true },
    { ...failure, error: { code: "x".repeat(101), message: "y" } },
    { ...failure, effect: "done" },
    { status: "late" },
  ])("rejects the answer %j, and so does the spine", (outcome) => {
    expect(answerFits({ ...proof, outcome })).toBe(false);
    expect(() => parseAnswer({ ...proof, outcome })).toThrow("malformed");
  });

  it.each([undefined, 7, "", "e".repeat(201)])(
    "refuses a claim of execution %j, and so does the spine",
    (execution) => {
      expect(requestFits({ op: "claim", proof, ...(execution !== undefined && { execution }) })).toBe(false);
      expect(() => parseExecution(execution)).toThrow("malformed");
    },
  );

  it.each([
    { ...proof, attempt: 0 },
    { ...proof, attempt: 1.5 },
    { ...proof, token: "t".repeat(201) },
    { ...proof, task: undefined },
  ])("refuses the proof %j, and so does the spine", (wrong) => {
    const request: unknown = JSON.parse(JSON.stringify({ op: "look", proof: wrong }));
    expect(requestFits(request)).toBe(false);
    expect(() => parseProof(wrong)).toThrow("malformed");
  });
});
