import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { sign } from "#client/signing/sign.ts";
import { protocol, protocolSchema } from "#aws/lambda/protocol-schema.ts";
import { recommendation } from "#contracts/recommendation.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { OFFERS } from "#functions/agents/recommendation/offers.ts";
import { parseAnswer } from "#runtime/doors/agent-protocol.ts";
import { acceptanceCases } from "../acceptance/cases.ts";
import { differences } from "../acceptance/match.ts";
import { python, RUNS_PYTHON } from "../support/python.ts";
import { fieldsOfMessages } from "./message-fields.ts";
import { task } from "./samples.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const FOLDER = at("docs/examples/python-agent");
const run = (program: string, input: unknown): unknown =>
  JSON.parse(python(program, [FOLDER], JSON.stringify(input)));

/** Runs the handler on events, with a door that notes what it is asked instead of an invocation. */
const DRIVER = `
import contextlib, io, json, sys
from event_spine.host import Ports, host
from recommendation import recommend
asked = []
def door(request):
    asked.append(request)
    return {"type": "recorded"} if request["op"] == "answer" else {"go": request["op"] == "claim"}
class Context:
    aws_request_id = "request-1"
    def get_remaining_time_in_millis(self):
        return 30_000
with contextlib.redirect_stdout(io.StringIO()):
    for event in json.load(sys.stdin):
        host(recommend, Ports(door, None, None))(event, Context())
json.dump(asked, sys.stdout)
`;

interface Asked {
  readonly op: string;
  readonly answer?: { readonly outcome: { readonly status: string; readonly result?: Json } };
}
const hosted = (events: readonly unknown[]) => run(DRIVER, events) as readonly Asked[];
const eventOf = (message: unknown, receives = 1) => ({
  Records: [{ body: JSON.stringify(message), attributes: { ApproximateReceiveCount: String(receives) } }],
});
/** None of these is so old that the door is asked first, or late, whatever the clock of Python's process shows. */
const LATER = Date.UTC(2_200, 0, 1);
const fresh = { committedAt: LATER, deadline: LATER };

describe.runIf(RUNS_PYTHON)("the agent in Python", () => {
  const cases = acceptanceCases("recommendation");

  it("passes the acceptance test of the agent that it replaces, from task to answer", async () => {
    const asked = hosted(cases.map(({ view }) => eventOf(task({ ...fresh, view: view as JsonObject }))));
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
    const asked = hosted([
      eventOf(task({ ...fresh, view }), 2),
      eventOf(task({ ...fresh, view, effect: "once" })),
      eventOf(task({ ...fresh, view: {} })),
    ]);
    expect(asked.map(({ op }) => op)).toEqual(["look", "claim", "answer", "answer"]);
    for (const request of asked) expect(protocol.doorRequest.parse(request)).toEqual(request);
    expect(asked.at(-1)?.answer?.outcome.status).toBe("failed");
  });

  it("ranks the same catalogue as the other one", async () => {
    const style = JSON.parse(readFileSync(at(".prettierrc.json"), "utf8")) as object;
    const catalogue = await format(JSON.stringify(OFFERS), { ...style, parser: "json" });
    expect(readFileSync(`${FOLDER}/catalogue.json`, "utf8")).toBe(catalogue);
  });
});

/** Names, and which of them must be there, of each type of messages. */
const FIELDS = `
import json, sys
from event_spine import messages
names = json.load(sys.stdin)
json.dump({name: {
    "required": sorted(getattr(messages, name).__required_keys__),
    "optional": sorted(getattr(messages, name).__optional_keys__),
} for name in names}, sys.stdout)
`;

describe.runIf(RUNS_PYTHON)("the module event_spine", () => {
  it("has the fields of the published schema in its types", () => {
    const expected = fieldsOfMessages(protocolSchema());
    expect(run(FIELDS, Object.keys(expected))).toEqual(expected);
  });

  it("signs requests as the SDK does", async () => {
    const SIGN = `
import json, sys
from event_spine.signing import Credentials, Signing, sign
json.dump([sign(one["method"], one["url"], one["headers"], one["body"].encode(), Signing(
    Credentials("AKIDEXAMPLE", "secret/+", one["token"]), "eu-west-1", one["service"], one["now"],
))["authorization"] for one in json.load(sys.stdin)], sys.stdout)`;
    const segment = fc.stringMatching(/^[a-zA-Z0-9 :~()'%ü-]{1,12}$/).map(encodeURIComponent);
    const requests = fc.sample(
      fc.record({
        method: fc.constantFrom("GET", "POST"),
        url: fc
          .tuple(fc.array(segment), fc.array(fc.tuple(segment, segment), { maxLength: 3 }))
          .map(([path, query]) => {
            const pairs = query.map((pair, index) => `${index}${pair.join("=")}`);
            return `http://127.0.0.1:8080/${path.join("/")}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
          }),
        headers: fc.dictionary(
          fc.stringMatching(/^x-amz-[a-z]{1,8}$/),
          fc.stringMatching(/^[a-zA-Z .]{1,20}$/),
        ),
        body: fc.string({ unit: "grapheme" }),
        token: fc.option(fc.stringMatching(/^[a-zA-Z/+]{4,20}$/)),
        service: fc.constantFrom("lambda", "sqs"),
        now: fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
      }),
      100,
    );
    const expected = await Promise.all(
      requests.map(async ({ token, service, now, url, ...request }) => {
        const credentials = {
          accessKeyId: "AKIDEXAMPLE",
          secretAccessKey: "secret/+",
          ...(token !== null && { sessionToken: token }),
        };
        const signing = { credentials, region: "eu-west-1", service, now: new Date(now * 1_000) };
        return (await sign({ ...request, url: new URL(url) }, signing))["authorization"];
      }),
    );
    expect(run(SIGN, requests)).toEqual(expected);
  });

  it("passes its own tests", () => {
    const RUN = `
import sys, unittest
suite = unittest.defaultTestLoader.discover(sys.stdin.read())
result = unittest.TextTestRunner(verbosity=0).run(suite)
print(result.testsRun)
sys.exit(0 if result.wasSuccessful() else 1)`;
    expect(Number(python(RUN, [FOLDER], at("test/python")))).toBeGreaterThan(40);
  });
});
