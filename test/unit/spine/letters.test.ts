import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { OperatorRequest } from "#runtime/letters/operator-protocol.ts";
import { COMMANDS } from "../../../scripts/spine/commands.ts";
import { mockedClient } from "../../aws/aws-mock.ts";

const lambda = mockedClient(LambdaClient);
const asked: OperatorRequest[] = [];
const printed: string[] = [];

beforeEach(() => {
  lambda.reset();
  asked.splice(0);
  printed.splice(0);
});
afterAll(() => {
  lambda.restore();
  vi.unstubAllGlobals();
});

const URL_OF_OPERATOR = "https://abc.lambda-url.eu-west-1.on.aws/";

/** The function for operators answers each signed request with what `reply` makes of it. */
function recovery(
  reply: (request: OperatorRequest) => { readonly status: number; readonly body: object },
): void {
  lambda
    .on(GetFunctionUrlConfigCommand, { FunctionName: "shop-operator" })
    .resolves({ FunctionUrl: URL_OF_OPERATOR });
  vi.stubGlobal("fetch", (url: URL, { headers, body }: { headers: Record<string, string>; body: string }) => {
    expect(url.href).toBe(URL_OF_OPERATOR);
    expect(headers["authorization"]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/lambda\//);
    const request = JSON.parse(body) as OperatorRequest;
    asked.push(request);
    const answer = reply(request);
    return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status }));
  });
}

async function spine(name: string, ...args: readonly string[]): Promise<readonly string[]> {
  const command = COMMANDS.find((one) => one.name === name);
  await command?.parse(args).run({
    // These commands ask nothing of the ingress.
    client: undefined as never,
    target: {
      where: "The spine",
      prefix: "shop",
      environment: { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "secret" },
      call: () => Promise.reject(new Error("no HTTP")),
    },
    print: (text) => void printed.push(text),
    stopped: new AbortController().signal,
    colours: false,
  });
  return printed;
}

const letter = (name: string, queue = "shop-inbox-dead.fifo", state = "parked") => ({
  letter: name,
  queue,
  state,
  session: { tenant: "acme", session: "s-1" },
});
const ok = (body: object) => ({ status: 200, body });

const WHY = ["--reason", "mended"] as const;

describe("an operator's change", () => {
  it.each([
    ["dead-letters", "redrive", "1-0-a"],
    ["dead-letters", "redrive", "--state", "parked"],
    ["dead-letters", "discard", "1-0-a"],
    ["unpark", "s-1"],
    ["republish", "--since", "2030-01-01T00:00:00Z"],
    ["erase", "s-1"],
    ["unpark", "s-1", "--reason", " "],
  ])("requires a reason: %s %s %s", async (name, ...args) => {
    recovery(() => ok({}));
    await expect(spine(name, ...args)).rejects.toThrow(/--reason: is missing/);
    expect(asked).toEqual([]);
  });
});

describe("dead-letters", () => {
  const pages: Readonly<Record<string, object>> = {
    "": { letters: [letter("1-0-a"), letter("2-0-b", "shop-intake-dead")], after: "more" },
    more: { letters: [letter("3-0-c")] },
  };
  const aDay = (request: OperatorRequest) =>
    ok(request.op === "list" ? (pages[request.after ?? ""] ?? {}) : { as: "input" });

  it("lists the letters of a day newest first, all pages of it", async () => {
    recovery(aDay);
    expect(await spine("dead-letters", "list", "--date", "2030-01-01")).toEqual([
      "3-0-c  parked  shop-inbox-dead.fifo  acme/s-1",
      "2-0-b  parked  shop-intake-dead  acme/s-1",
      "1-0-a  parked  shop-inbox-dead.fifo  acme/s-1",
    ]);
  });

  it("lists day by day, newest first, and says so when there is none", async () => {
    recovery(() => ok({ letters: [] }));
    expect(await spine("dead-letters", "list", "--days", "3")).toEqual(["No dead letter in 3 days."]);
    const days = asked.map((request) => (request.op === "list" ? request.day : ""));
    expect(days).toHaveLength(3);
    expect(days).toEqual(days.toSorted().toReversed());
  });

  it("redrives all that match, oldest first", async () => {
    recovery(aDay);
    await spine("dead-letters", "redrive", "--date", "2030-01-01", "--queue", "shop-inbox-dead.fifo", ...WHY);
    const redriven = asked.flatMap((request) => (request.op === "redrive" ? [request.letter] : []));
    expect(redriven).toEqual(["1-0-a", "3-0-c"]);
    expect(asked.filter(({ op }) => op === "redrive").map(({ reason }) => reason)).toEqual([
      "mended",
      "mended",
    ]);
    expect(printed[0]).toBe("1-0-a was redriven as the same input.");
  });

  it("shows a letter with its notes and body", async () => {
    recovery(() => ok({ ...letter("1-0-a"), body: { token: "***" }, notes: { parked: { cause: "c" } } }));
    expect(await spine("dead-letters", "show", "1-0-a")).toEqual([
      "1-0-a  parked  shop-inbox-dead.fifo  acme/s-1",
      'parked: {"cause":"c"}',
      '{\n  "token": "***"\n}',
    ]);
  });

  it("passes a discard's reason on", async () => {
    recovery(() => ok({}));
    await spine("dead-letters", "discard", "1-0-a", "--reason", "a test");
    expect(asked).toEqual([{ op: "discard", letter: "1-0-a", reason: "a test" }]);
  });
});

describe("unpark", () => {
  it("continues until all letters are sent, and names those that remain", async () => {
    recovery((request) =>
      ok("after" in request ? { sent: ["2-0-b"], left: [] } : { sent: [], left: ["1-0-a"], after: "k" }),
    );
    expect(await spine("unpark", "s-1", "--tenant", "acme", ...WHY)).toEqual([
      "1-0-a cannot be redriven: see dead-letters show.",
      "acme/s-1 can be read. 1 letter was sent.",
    ]);
  });

  it("fails like the doors while the session cannot be read", async () => {
    const body = { type: "urn:event-spine:problem:session.unreadable", detail: "Damaged.", problems: [] };
    recovery(() => ({ status: 423, body }));
    await expect(spine("unpark", "s-1", ...WHY)).rejects.toMatchObject({
      name: "ApiError",
      status: 423,
      message: "Damaged.",
    });
  });

  it("reports what is missing when the function cannot be found or called", async () => {
    lambda.on(GetFunctionUrlConfigCommand).rejects(new Error("not authorized"));
    await expect(spine("unpark", "s-1", ...WHY)).rejects.toThrow(/not authorized.*grantOperate/);
    recovery(() => ({ status: 403, body: { Message: "Forbidden" } }));
    await expect(spine("unpark", "s-1", ...WHY)).rejects.toThrow(/shop-operator rejected.*grantOperate/);
  });
});

describe("republish", () => {
  it("reads the whole log, a page at a time", async () => {
    recovery((request) => ok("after" in request ? { commits: 2 } : { commits: 3, after: "k" }));
    expect(await spine("republish", "--since", "2030-01-01T00:00:00Z", ...WHY)).toEqual([
      "The relay received 5 commits again.",
    ]);
    expect(asked).toEqual([
      { op: "republish", since: Date.UTC(2030, 0, 1), reason: "mended" },
      { op: "republish", since: Date.UTC(2030, 0, 1), reason: "mended", after: "k" },
    ]);
  });
});
