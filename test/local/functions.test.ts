import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { authorizeBy, signedFetch } from "#client/signing/signed-fetch.ts";
import type { LogLine } from "#local/provision/site.ts";
import { functionResources, getAtt, startCloud, writeAssembly } from "./fixture/assembly.ts";

const WORKER = `
let served = 0;
export const handler = async (event, context) => {
  served += 1;
  switch (event.do) {
    case "echo": return { served, name: context.functionName, left: context.getRemainingTimeInMillis(), secret: process.env.GREETING, home: process.env.HOME ?? null };
    case "throw": throw new TypeError("not today");
    case "exit": process.exit(3);
    case "hang": return new Promise(() => setInterval(() => undefined, 1000));
    case "spin": for (;;) {}
    case "heap": { const all = []; for (;;) all.push(new Array(1e5).fill(served)); }
    case "buffers": { const all = []; for (;;) { all.push(Buffer.alloc(8_000_000, 1)); await new Promise((next) => setImmediate(next)); } }
    case "nothing": return undefined;
  }
};`;
const WEB = `
export const handler = async (event) => event.rawPath === "/plain"
  ? { hello: "you" }
  : { statusCode: 201, headers: { "X-Seen": event.headers["x-sent"] ?? "" }, body: JSON.stringify({
      path: event.rawPath, query: event.queryStringParameters, body: event.body, who: event.requestContext.authorizer?.iam?.userArn }) };`;

describe("functions", () => {
  let cloud: LocalCloud;
  let lambda: LambdaClient;
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const templateDir = writeAssembly(
      {
        ...functionResources("worker", [], { Timeout: 2, Environment: { Variables: { GREETING: "hello" } } }),
        ...functionResources("small", [], { MemorySize: 128, Timeout: 10 }),
        ...functionResources("broken", []),
        ...functionResources("web", []),
        Url: {
          Type: "AWS::Lambda::Url",
          Properties: { AuthType: "AWS_IAM", TargetFunctionArn: getAtt("web") },
        },
      },
      { worker: WORKER, small: WORKER, broken: `throw new Error("no configuration");`, web: WEB },
      { Outputs: { WebUrl: { Value: getAtt("Url", "FunctionUrl") } } },
    );
    cloud = await startCloud({
      templateDir,
      onLog: (line) => lines.push(line),
      users: { local: "arn:aws:iam::000000000000:user/local", shop: "arn:aws:iam::000000000000:role/shop" },
    });
    lambda = new LambdaClient({ ...connectionTo(cloud.environment, "LAMBDA"), maxAttempts: 1 });
  });
  afterAll(() => lambda.destroy());

  const invoke = async (FunctionName: string, event: object) => {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return { failed: FunctionError, answer: JSON.parse(Payload?.transformToString() ?? "null") as unknown };
  };
  const works = { failed: undefined, answer: { name: "worker" } };

  it("return the result of an invocation, in the template's environment and no other", async () => {
    const { failed, answer } = await invoke("worker", { do: "echo" });
    expect(failed).toBeUndefined();
    expect(answer).toMatchObject({ name: "worker", secret: "hello", home: null });
    expect((answer as { readonly left: number }).left).toBeLessThanOrEqual(2_000);
    expect(await invoke("worker", { do: "nothing" })).toEqual({ failed: undefined, answer: null });
  });

  it("report the duration of their start", () => {
    expect(cloud.functions.get("worker")?.initTimesMs.length).toBeGreaterThan(0);
    expect(lines).toContainEqual(
      expect.objectContaining({
        from: "worker",
        kind: "progress",
        text: expect.stringMatching(/^ready after \d+ ms$/) as string,
      }),
    );
  });

  it("report the CPU time of their processes, for successes and failures", async () => {
    const used = () => cloud.functions.get("worker")?.used() ?? { invocations: NaN, cpuMs: NaN };
    const before = used();
    await invoke("worker", { do: "echo" });
    await invoke("worker", { do: "throw" });
    expect(used().invocations - before.invocations).toBe(2);
    expect(used().cpuMs).toBeGreaterThan(before.cpuMs);
  });

  it("report the errors that they throw", async () => {
    expect(await invoke("worker", { do: "throw" })).toMatchObject({
      failed: "Unhandled",
      answer: { errorType: "TypeError", errorMessage: "not today" },
    });
  });

  it.each([
    ["waits for ever", "hang"],
    ["does not yield", "spin"],
  ])("are stopped at their timeout when one %s, and run again", async (_what, task) => {
    const { failed, answer } = await invoke("worker", { do: task });
    expect(failed).toBe("Unhandled");
    expect(answer).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringContaining("timed out after 2.00 seconds") as string,
    });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
  });

  it("are contained when one ends its process", async () => {
    expect(await invoke("worker", { do: "exit" })).toMatchObject({
      failed: "Unhandled",
      answer: { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with exit status 3" },
    });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
  });

  it("are stopped when they exceed their memory, on the heap or outside it", async () => {
    expect(await invoke("small", { do: "heap" })).toMatchObject({ failed: "Unhandled" });
    expect(await invoke("small", { do: "buffers" })).toMatchObject({
      failed: "Unhandled",
      answer: { errorType: "Runtime.OutOfMemory" },
    });
    expect(await invoke("small", { do: "echo" })).toMatchObject({ answer: { name: "small" } });
  });

  it("start again after they were killed, even during an invocation", async () => {
    const running = invoke("worker", { do: "hang" });
    const target = cloud.functions.get("worker");
    await expect.poll(() => target?.busy).toBe(1);
    expect(cloud.kill("worker")).toBeGreaterThan(0);
    expect(await running).toMatchObject({ failed: "Unhandled", answer: { errorType: "Runtime.ExitError" } });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
  });

  it("can lose a process during an invocation, and only one that is working", async () => {
    const target = cloud.functions.get("worker");
    expect(target?.killAtWork(() => 0)).toBe(false);
    const running = invoke("worker", { do: "hang" });
    await expect.poll(() => target?.killAtWork(() => 0)).toBe(true);
    expect(await running).toMatchObject({ failed: "Unhandled", answer: { errorType: "Runtime.ExitError" } });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
  });

  it("never run for a caller that has left before a process was free", async () => {
    const target = cloud.functions.get("worker");
    const running = [1, 2].map(() => invoke("worker", { do: "hang" }));
    await expect.poll(() => target?.busy).toBe(2);
    const leaving = new AbortController();
    const waiting = target?.invoke({ do: "exit" }, { gone: leaving.signal });
    const next = invoke("worker", { do: "echo" });
    leaving.abort();
    expect(await waiting).toMatchObject({ type: "error", error: { errorType: "Dropped" } });
    cloud.kill("worker");
    await Promise.all(running);
    expect(await next).toMatchObject(works);
  });

  it("report at every invocation why they could not be loaded", async () => {
    for (const attempt of [1, 2]) {
      const { failed, answer } = await invoke("broken", { attempt });
      expect({ failed, answer }).toMatchObject({
        failed: "Unhandled",
        answer: { errorMessage: "no configuration" },
      });
    }
  });

  it("run concurrently up to the bound, and the rest in turn", async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => invoke("worker", { do: "echo" })));
    expect(answers.map(({ failed }) => failed)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("are not found under another name", async () => {
    await expect(invoke("nobody", {})).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("have a URL that identifies the caller, and rejects anonymous callers", async () => {
    const url = `${cloud.functionUrls.get("web")}/a/b?x=1&x=2`;
    expect(cloud.outputs["Test.WebUrl"]).toBe(`${cloud.functionUrls.get("web")}/`);
    const sending = {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json", "x-sent": "yes" },
    };
    const asked = (accessKeyId: string) => signedFetch(cloud.authorize(accessKeyId))(url, sending);
    const response = await asked("shop");
    expect(response.status).toBe(201);
    expect(response.headers.get("x-seen")).toBe("yes");
    expect(await response.json()).toEqual({
      path: "/a/b",
      query: { x: "1,2" },
      body: "{}",
      who: "arn:aws:iam::000000000000:role/shop",
    });
    const unsigned = await fetch(url, sending);
    expect(unsigned.status).toBe(403);
    expect(await unsigned.json()).toEqual({ Message: "Forbidden" });
    const stranger = authorizeBy({ accessKeyId: "stranger", secretAccessKey: "x" }, "us-east-1", "lambda");
    const refused = await signedFetch(stranger)(url, sending);
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-amzn-errortype")).toBe("UnrecognizedClientException");
  });

  it("return their JSON at a URL when they set no status", async () => {
    const response = await cloud.fetch(`${cloud.functionUrls.get("web")}/plain`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ hello: "you" });
  });
});
