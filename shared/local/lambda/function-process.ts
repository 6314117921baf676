/**
 * The process of one function: loads the bundled handler and runs one invocation at a time, as Lambda's Node runtime
 * does. Started by process-pool.ts, with the handler's file and export as arguments.
 */
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { FromProcess, FunctionError, InvokeMessage, ToProcess } from "./process-messages.ts";

type Handler = (event: unknown, ...more: readonly object[]) => unknown;

const [, , file = "", exportName = "handler"] = process.argv;
const environment = process.env;

/** The machine's time: how long an invocation may run is never moved. */
const machineNow = Date.now.bind(Date);
let aheadMs = 0;

const say = (message: FromProcess) => process.send?.(message);
const errorOf = (error: unknown): FunctionError =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") }
    : { errorType: "Error", errorMessage: String(error) };

// A parent that is gone has no more work; an orphan would stay for ever.
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; it is the parent that ends this one, when its work is done.
process.on("SIGINT", () => undefined);

/** As the runtime client of Node marks a handler that streams. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response";
/** Stands between what a streamed response says of itself, as JSON, and its body. */
const DELIMITER = Buffer.alloc(8);

/** What a handler writes a streamed response to. */
class ResponseStream extends Writable {
  readonly #id: string;
  #contentType: string | undefined;
  #head: Buffer | undefined;
  taken: (() => void) | undefined;

  constructor(id: string) {
    super();
    this.#id = id;
  }

  setContentType(type: string): void {
    this.#contentType = type;
  }

  setHead(metadata: object): void {
    this.setContentType(HTTP_INTEGRATION);
    this.#head = Buffer.concat([Buffer.from(JSON.stringify(metadata)), DELIMITER]);
  }

  override _write(chunk: Buffer, _encoding: string, next: () => void): void {
    const bytes = (this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])).toString("base64");
    this.#head = undefined;
    this.taken = next;
    say({ type: "part", id: this.#id, bytes, contentType: this.#contentType });
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (streaming: Handler) => Object.assign(streaming, { [STREAMING]: "response" }),
    HttpResponseStream: {
      from(stream: ResponseStream, metadata: object) {
        stream.setHead(metadata);
        return stream;
      },
    },
  },
});

let handler: Handler;
try {
  // Counted from the start of the process, as Lambda's init is.
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>; // any module
  const found = loaded[exportName];
  if (typeof found !== "function") throw new Error(`${file} exports no function "${exportName}".`);
  handler = found as Handler; // its type is the function's own matter
  say({ type: "ready", initMs: Math.round(performance.now()) });
} catch (error) {
  say({ type: "init-failed", error: errorOf(error) });
  process.exit(1);
}

let stream: ResponseStream | undefined;

process.on("message", (message: ToProcess) => {
  if (message.type === "invoke") return void invoke(message);
  stream?.taken?.();
});

async function invoke({ id, event, deadline, traceId, ...message }: InvokeMessage): Promise<void> {
  moveTime(message.aheadMs);
  environment["_X_AMZN_TRACE_ID"] = traceId;
  stream = STREAMING in handler ? new ResponseStream(id) : undefined;
  try {
    const context = {
      awsRequestId: id,
      callbackWaitsForEmptyEventLoop: true,
      functionName: environment["AWS_LAMBDA_FUNCTION_NAME"],
      functionVersion: "$LATEST",
      invokedFunctionArn: environment["LOCAL_FUNCTION_ARN"],
      memoryLimitInMB: environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
      logGroupName: environment["AWS_LAMBDA_LOG_GROUP_NAME"],
      logStreamName: environment["AWS_LAMBDA_LOG_STREAM_NAME"],
      getRemainingTimeInMillis: () => Math.max(0, deadline - machineNow()),
    };
    const result = await handler(event, ...(stream === undefined ? [] : [stream]), context);
    if (stream?.writableFinished === false) throw new Error("Response stream is not finished.");
    const payload = stream === undefined ? (JSON.stringify(result) ?? "null") : undefined;
    say({ type: "done", id, payload, cpuMs: takeCpuMs() });
  } catch (error) {
    say({ type: "failed", id, error: errorOf(error), cpuMs: takeCpuMs() });
  }
}

let taken = process.cpuUsage();

function takeCpuMs(): number {
  const before = taken;
  taken = process.cpuUsage();
  return (taken.user - before.user + taken.system - before.system) / 1_000;
}

/** The time that the handler sees runs ahead of the machine's, as the local runtime's own does. */
function moveTime(ms: number): void {
  if (ms === aheadMs) return;
  const first = aheadMs === 0;
  aheadMs = ms;
  if (!first) return;
  const now = () => machineNow() + aheadMs;
  globalThis.Date = new Proxy(Date, {
    construct: (date, given, made) => Reflect.construct(date, given.length === 0 ? [now()] : given, made),
    get: (date, name) => (name === "now" ? now : Reflect.get(date, name)),
  });
}
