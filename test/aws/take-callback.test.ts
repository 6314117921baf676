import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createObserver } from "#aws/observe/observe.ts";
import { createCallbackResponder } from "../../functions/callback/take-callback.ts";

const TEXT = '{"task":"t-1"}';
const eventOf = (rest: Partial<LambdaFunctionURLEvent>) =>
  ({
    requestContext: { http: { method: "POST" } },
    isBase64Encoded: false,
    ...rest,
  }) as LambdaFunctionURLEvent;

describe("the function behind the URL for answers", () => {
  it.each([
    ["a text", { body: TEXT }, TEXT],
    ["what the URL encoded", { body: Buffer.from(TEXT).toString("base64"), isBase64Encoded: true }, TEXT],
    ["no body", {}, ""],
  ])("hands on %s as it was posted, and logs nothing of it", async (_what, rest, body) => {
    const lines: string[] = [];
    const asked: unknown[] = [];
    const endpoint = (request: unknown) => {
      asked.push(request);
      return Promise.resolve({ status: 403, headers: { "cache-control": "no-store" }, body: "{}" });
    };
    const observer = createObserver("callback", { quiet: true, write: (line) => void lines.push(line) });
    const respond = createCallbackResponder(endpoint, observer);
    const context = { awsRequestId: "request-1" } as Context;
    expect(await respond(eventOf(rest), context)).toEqual({
      statusCode: 403,
      headers: { "cache-control": "no-store" },
      body: "{}",
    });
    expect(asked).toEqual([{ method: "POST", body }]);
    expect(lines).toEqual([]);
  });
});
