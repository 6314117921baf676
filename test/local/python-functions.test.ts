import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { pythonInterpreter } from "#local/lambda/python-interpreter.ts";
import type { LogLine } from "#local/provision/site.ts";
import { RUNS_PYTHON } from "../support/python.ts";
import { functionResources, startCloud, writeAssembly } from "./fixture/assembly.ts";

const WORKER = `
import datetime, logging, os, sys, time
served = 0

def handler(event, context):
    global served
    served += 1
    do = event["do"]
    if do == "echo":
        left = context.get_remaining_time_in_millis()
        return {"served": served, "name": context.function_name, "left": left, "id": context.aws_request_id,
                "secret": os.environ.get("GREETING"), "home": os.environ.get("HOME"), "said": event.get("say")}
    if do == "log":
        print("printed")
        logging.getLogger().warning("logged %d", 1)
    if do == "now":
        return [time.time(), datetime.datetime.now(datetime.timezone.utc).timestamp(), time.mktime(time.gmtime())]
    if do == "throw":
        raise ValueError("not today")
    if do == "exit":
        sys.exit(3)
    if do == "hang":
        time.sleep(600)
    if do == "spin":
        while True:
            pass
    if do == "heap":
        kept = []
        while True:
            kept.append(bytearray(8_000_000))
            time.sleep(0.001)
    if do == "set":
        return {1, 2}
`;
const python = { Runtime: "python3.13", Handler: "worker.handler", Timeout: 1 };
const code = { "worker.py": WORKER };

describe.runIf(RUNS_PYTHON)("functions in Python", () => {
  let cloud: LocalCloud;
  let lambda: LambdaClient;
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const templateDir = writeAssembly(
      {
        ...functionResources("worker", [], { ...python, Environment: { Variables: { GREETING: "hello" } } }),
        ...functionResources("small", [], { ...python, Timeout: 10, MemorySize: 128 }),
        ...functionResources("lacking", [], { ...python, Handler: "lacking.handler" }),
        ...functionResources("unnamed", [], { ...python, Handler: "worker.other" }),
      },
      { worker: code, small: code, unnamed: code, lacking: { "lacking.py": "import pip" } },
    );
    cloud = await startCloud({ templateDir, onLog: (line) => lines.push(line) });
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
    const { failed, answer } = await invoke("worker", { do: "echo", say: "Zoë 🌍" });
    expect(failed).toBeUndefined();
    expect(answer).toMatchObject({ name: "worker", secret: "hello", home: null, said: "Zoë 🌍" });
    expect((answer as { readonly left: number }).left).toBeLessThanOrEqual(1_000);
    expect(await invoke("worker", { do: "nothing" })).toEqual({ failed: undefined, answer: null });
    expect(cloud.functions.get("worker")?.used().cpuMs).toBeGreaterThan(0);
  });

  it("log what they print, and what they say through `logging`", async () => {
    await invoke("worker", { do: "log" });
    await expect
      .poll(() => lines.filter(({ from, kind }) => from === "worker" && kind === "output"))
      .toEqual([
        expect.objectContaining({ text: "printed" }),
        expect.objectContaining({ text: expect.stringMatching(/^\[WARNING\]\t.*\tlogged 1$/) as string }),
      ]);
  });

  it("report what they raise, and what is no JSON", async () => {
    expect(await invoke("worker", { do: "throw" })).toMatchObject({
      failed: "Unhandled",
      answer: { errorType: "ValueError", errorMessage: "not today" },
    });
    expect(await invoke("worker", { do: "set" })).toMatchObject({
      answer: { errorType: "Runtime.MarshalError" },
    });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
  });

  it.each([
    ["waits for ever", "hang"],
    ["does not yield", "spin"],
  ])("are stopped at their timeout when one %s, and run again", async (_what, task) => {
    expect(await invoke("worker", { do: task })).toMatchObject({
      failed: "Unhandled",
      answer: { errorType: "Sandbox.Timedout" },
    });
    expect(await invoke("worker", { do: "echo" })).toMatchObject({ answer: { served: 1 } });
  });

  it("are contained when one ends its process, or takes too much memory", async () => {
    expect(await invoke("worker", { do: "exit" })).toMatchObject({
      answer: { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with exit status 3" },
    });
    expect(await invoke("worker", { do: "echo" })).toMatchObject(works);
    expect(await invoke("small", { do: "heap" })).toMatchObject({
      answer: { errorType: "Runtime.OutOfMemory" },
    });
  });

  it("have the local runtime's time", async () => {
    cloud.clock.skipTo(cloud.clock.now() + 86_400_000);
    const { answer } = await invoke("worker", { do: "now" });
    const tomorrow = (Date.now() + 86_000_000) / 1_000;
    for (const seconds of answer as readonly number[]) expect(seconds).toBeGreaterThan(tomorrow);
  });

  it("find no package that only this machine has, as on Lambda", async () => {
    expect(await invoke("lacking", {})).toMatchObject({
      answer: {
        errorType: "Runtime.ImportModuleError",
        errorMessage: "Unable to import module 'lacking': No module named 'pip'",
      },
    });
  });

  it("say which handler is missing", async () => {
    expect(await invoke("unnamed", {})).toMatchObject({
      answer: {
        errorType: "Runtime.HandlerNotFound",
        errorMessage: "Handler 'other' missing on module 'worker'",
      },
    });
  });
});

describe("the Python of this machine", () => {
  const answering =
    (versions: Readonly<Record<string, string>>) =>
    (command: string): string | undefined =>
      versions[command];

  it("is the version that the template names, where there is one", () => {
    const run = answering({ "python3.13": "/a/python\n3\n13\n", python3: "/b/python\n3\n11\n" });
    expect(pythonInterpreter("Test/f", "python3.13", run)).toEqual({ path: "/a/python" });
  });

  it("is otherwise python3, and says so", () => {
    const run = answering({ python3: "/b/python\n3\n11\n" });
    expect(pythonInterpreter("Test/f", "python3.13", run)).toEqual({
      path: "/b/python",
      notice: "runs on Python 3.11; on Lambda it has python3.13",
    });
  });

  it.each([
    [{}, "is python3.13, and this machine has no python3"],
    [{ python3: "/b/python\n3\n9\n" }, "is python3.13, and this machine's python3 is 3.9"],
  ])("is refused where it is missing or too old: %j", (versions, problem) => {
    expect(() => pythonInterpreter("Test/f", "python3.13", answering(versions))).toThrow(
      expect.objectContaining({
        code: "setting.invalid",
        problems: [
          {
            field: "Test/f.Runtime",
            problem,
            repair: expect.stringContaining("Install Python 3.10") as string,
          },
        ],
      }),
    );
  });
});
