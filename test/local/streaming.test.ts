import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeAll, describe, expect, it } from "vitest";
import { connectionTo } from "#local/connection-to.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { functionResources, getAtt, startCloud, writeAssembly } from "./fixture/assembly.ts";

const STREAMER = `
import { finished } from "node:stream/promises";
const HEAD = { statusCode: 201, headers: { "Content-Type": "text/plain", "X-Way": "streamed" } };
export const handler = awslambda.streamifyResponse(async (event, plain, context) => {
  const what = event.rawPath?.slice(1) ?? event.do;
  if (what === "early") throw new Error("before anything");
  if (what === "silent") { plain.end(); return finished(plain); }
  if (what === "typed") { plain.setContentType("text/csv"); plain.end("a,b"); return finished(plain); }
  const stream = awslambda.HttpResponseStream.from(plain, HEAD);
  if (what === "unended") { stream.write("one"); return; }
  if (what === "broken") { stream.write("one "); await new Promise((go) => setTimeout(go, 100)); throw new Error("in the middle"); }
  if (what === "whole") { stream.write("one "); stream.write("two"); stream.end(); return finished(stream); }
  if (what === "flood") {
    for (let part = 0; part < 400; part += 1)
      if (!stream.write("x".repeat(100_000))) await new Promise((go) => stream.once("drain", go));
    console.log("wrote all");
    stream.end();
    return finished(stream);
  }
  for (let part = 1; part <= 3; part += 1) { stream.write("part " + part + ";"); await new Promise((go) => setTimeout(go, 50)); }
  console.log("finished on its own");
  stream.end();
  await finished(stream);
});`;
const PLAIN = `export const handler = async () => ({ statusCode: 201, body: "whole" });`;

describe("a function that streams", () => {
  let cloud: LocalCloud;
  const lines: string[] = [];

  beforeAll(async () => {
    const urlOf = (name: string, InvokeMode: string) => ({
      Type: "AWS::Lambda::Url",
      Properties: { AuthType: "AWS_IAM", InvokeMode, TargetFunctionArn: getAtt(name) },
    });
    const templateDir = writeAssembly(
      {
        ...functionResources("streamer", [], { Timeout: 20 }),
        ...functionResources("buffered", [], { Timeout: 5 }),
        ...functionResources("plain", []),
        StreamUrl: urlOf("streamer", "RESPONSE_STREAM"),
        BufferedUrl: urlOf("buffered", "BUFFERED"),
        PlainUrl: urlOf("plain", "RESPONSE_STREAM"),
      },
      { streamer: STREAMER, buffered: STREAMER, plain: PLAIN },
    );
    cloud = await startCloud({ templateDir, onLog: ({ text }) => lines.push(text) });
  });

  const ask = (name: string, path: string, signal?: AbortSignal) =>
    cloud.fetch(`${cloud.functionUrls.get(name)}/${path}`, signal && { signal });

  it("says its status and headers itself, and is read part by part", async () => {
    const response = await ask("streamer", "parts");
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(response.headers.get("x-way")).toBe("streamed");
    const parts: string[] = [];
    for await (const part of response.body ?? []) parts.push(Buffer.from(part as Uint8Array).toString());
    expect(parts.join("")).toBe("part 1;part 2;part 3;");
    expect(parts.length).toBeGreaterThan(1);
  });

  it("has a type of its own where it gives no head", async () => {
    const response = await ask("streamer", "typed");
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "text/csv",
      "a,b",
    ]);
  });

  it("is a 502 where it fails before it has written, or writes nothing", async () => {
    expect((await ask("streamer", "early")).status).toBe(502);
    expect((await ask("streamer", "silent")).status).toBe(502);
  });

  it("cuts its reader off where it fails in the middle, or does not end its stream", async () => {
    for (const path of ["broken", "unended"]) {
      const response = await ask("streamer", path);
      expect(response.status).toBe(201);
      await expect(response.text()).rejects.toThrow();
    }
    await expect.poll(() => lines.join("\n")).toContain("Response stream is not finished.");
  });

  it("runs on when its reader has gone, and one that does not read holds up nobody else", async () => {
    const leaving = new AbortController();
    const response = await ask("streamer", "parts", leaving.signal);
    expect(response.status).toBe(201);
    const stalled = await ask("streamer", "flood");
    leaving.abort();
    expect(await (await ask("streamer", "whole")).text()).toBe("one two");
    await expect.poll(() => lines).toContain("finished on its own");
    // What is not read is not written.
    expect(lines).not.toContain("wrote all");
    expect((await stalled.text()).length).toBe(40_000_000);
    await expect.poll(() => lines).toContain("wrote all");
  });

  it("needs a signature as any URL under AWS_IAM", async () => {
    expect((await fetch(`${cloud.functionUrls.get("streamer")}/whole`)).status).toBe(403);
  });

  it("is one payload to Invoke, which does not know its head", async () => {
    const lambda = new LambdaClient(connectionTo(cloud.environment, "LAMBDA"));
    const asked = async (given: string) => {
      const Payload = JSON.stringify({ do: given });
      return lambda.send(new InvokeCommand({ FunctionName: "streamer", Payload }));
    };
    expect((await asked("typed")).Payload?.transformToString()).toBe("a,b");
    expect((await asked("whole")).Payload?.transformToString()).toMatch(
      /^\{"statusCode":201,.*\}\0{8}one two$/,
    );
    expect(await asked("early")).toMatchObject({ FunctionError: "Unhandled" });
    lambda.destroy();
  });

  it("cannot be read at a URL that buffers, and one that does not stream has its JSON handed on as it is", async () => {
    expect((await ask("buffered", "whole")).status).toBe(502);
    const plain = await ask("plain", "");
    expect([plain.status, plain.headers.get("content-type")]).toEqual([200, "application/octet-stream"]);
    expect(await plain.json()).toEqual({ statusCode: 201, body: "whole" });
  });
});
