import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Validator } from "@cfworker/json-schema";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { protocol, protocolSchema } from "#aws/lambda/protocol-schema.ts";
import { recommendation } from "#contracts/recommendation.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { OFFERS } from "#functions/agents/recommendation/offers.ts";
import { parseAnswer, parseExecution, parseProof } from "#runtime/doors/agent-protocol.ts";
import { acceptanceCases } from "../acceptance/cases.ts";
import { differences } from "../acceptance/match.ts";
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

const FOLDER = at("docs/examples/python-agent");
/** Runs the handler on events, with a door that notes what it is asked instead of an invocation. */
const DRIVER = `
import json, sys
import spine_agent
from recommendation import recommend
asked = []
def door(request):
    asked.append(request)
    return {"type": "recorded"} if request["op"] == "answer" else {"go": request["op"] == "claim"}
class Context: aws_request_id = "request-1"
for event in json.load(sys.stdin):
    spine_agent.host(recommend, door)(event, Context)
json.dump(asked, sys.stdout)
`;

interface Asked {
  readonly op: string;
  readonly answer?: { readonly outcome: { readonly status: string; readonly result?: Json } };
}

const python = (events: readonly unknown[]): readonly Asked[] =>
  JSON.parse(
    execFileSync("python3", ["-B", "-c", DRIVER], {
      cwd: FOLDER,
      env: { ...process.env, PYTHONPATH: FOLDER },
      input: JSON.stringify(events),
      encoding: "utf8",
    }),
  ) as readonly Asked[];
const eventOf = (message: unknown, receives = 1) => ({
  Records: [{ body: JSON.stringify(message), attributes: { ApproximateReceiveCount: String(receives) } }],
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) console.warn("python3 is not installed: the Python agent is not tested.");

describe.runIf(hasPython)("the agent in Python", () => {
  const cases = acceptanceCases("recommendation");

  it("passes the acceptance test of the agent that it replaces, from task to answer", async () => {
    // However long Python takes to start: no task of these is so old that the door is asked first.
    const committedAt = Date.now() + 600_000;
    const tasks = cases.map(({ view }) => task({ view: view as JsonObject, committedAt }));
    const asked = python(tasks.map((message) => eventOf(message)));
    expect(asked).toHaveLength(cases.length);
    for (const [index, { name, expected }] of cases.entries()) {
      const request = asked[index];
      expect(protocol.doorRequest.parse(request)).toEqual(request);
      const { outcome } = parseAnswer(request?.answer);
      const result = outcome.status === "ok" ? outcome.result : undefined;
      expect({ name, differences: differences(expected, result) }).toEqual({ name, differences: [] });
      expect(await recommendation.output["~standard"].validate(result)).not.toHaveProperty("issues");
    }
  });

  it("looks before it runs a redelivered message, claims an effect, and answers with a failure", () => {
    const [view] = cases.map((one) => one.view as JsonObject);
    if (view === undefined) throw new Error("There are no cases.");
    const asked = python([
      eventOf(task({ view, committedAt: Date.now() }), 2),
      eventOf(task({ view, effect: "once", committedAt: Date.now() })),
      eventOf(task({ view: {}, committedAt: Date.now() })),
    ]);
    expect(asked.map(({ op }) => op)).toEqual(["look", "claim", "answer", "answer"]);
    for (const request of asked) expect(protocol.doorRequest.parse(request)).toEqual(request);
    expect(asked.at(-1)?.answer?.outcome.status).toBe("failed");
  });

  it("ranks the same catalogue as the other one", async () => {
    expect(readFileSync(`${FOLDER}/catalogue.json`, "utf8")).toBe(await written(OFFERS));
  });
});
