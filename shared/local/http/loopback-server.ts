import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { listenOnLoopback } from "./listening.ts";
import { isLoopbackHost } from "./loopback-host.ts";
import { declaresTooMuch, discardRest, readBody } from "./request-body.ts";

export interface LocalRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  /** Aborts when the caller goes away. */
  readonly gone: AbortSignal;
}

export interface LocalResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is written as it comes, no faster than the caller reads, and ends early when the caller goes away. */
  readonly body?: string | Buffer | AsyncIterable<string | Uint8Array>;
}

export type Handle = (request: LocalRequest) => Promise<LocalResponse>;
/** Stands between callers and a handler: may hand a request on, answer it itself, or do both. */
export type Around = (request: LocalRequest, handle: Handle) => Promise<LocalResponse>;

/** Why the server itself answers a request. */
export type Refusal =
  | { readonly type: "foreign-host"; readonly host: string }
  | { readonly type: "too-large"; readonly mostBytes: number }
  | { readonly type: "failed"; readonly error: unknown };

export interface LoopbackOptions {
  /** @default any free one */
  readonly port?: number;
  /** Bytes that a request's body may have. @default 64 MiB, more than any service of AWS takes of what a spine sends */
  readonly mostBytes?: number;
  /** How a refusal is written. @default plain text */
  readonly refuse?: (refusal: Refusal) => LocalResponse;
}

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  intercept(around: Around): void;
  /** Ends open connections too, those of requests under way after so many ms. @default 0 */
  stop(graceMs?: number): Promise<void>;
}

const MOST_BYTES = 64 * 1024 * 1024;
const KEEP_ALIVE_MS = 60_000;

/** Serves on 127.0.0.1, whoever calls this machine by a name of its own. Throws when the port is taken. */
export async function serveLoopback(given: Handle, options: LoopbackOptions = {}): Promise<LoopbackServer> {
  const { port, mostBytes = MOST_BYTES, refuse = inPlainText } = options;
  let handle = given;
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void answer(incoming, outgoing, { handle, mostBytes, refuse });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, serve);
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!declaresTooMuch(incoming, mostBytes)) outgoing.writeContinue();
    serve(incoming, outgoing);
  });
  const { url, close } = await listenOnLoopback(server, port);
  return {
    url,
    intercept(around) {
      const inner = handle;
      handle = (request) => around(request, inner);
    },
    stop: close,
  };
}

interface Answering extends Required<Pick<LoopbackOptions, "mostBytes" | "refuse">> {
  readonly handle: Handle;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, how: Answering): Promise<void> {
  // SDK clients set their clocks by an answer's date, which here is the machine's also where a function's clock is ahead.
  outgoing.sendDate = false;
  const controller = new AbortController();
  // An abort makes an error with its stack, 0.05 ms; a caller who has been answered went away as agreed.
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  const response = await responseTo(incoming, controller.signal, how);
  const { body } = response;
  // Nobody is left to answer when the caller has hung up.
  if (outgoing.destroyed) return isStreamed(body) ? void body[Symbol.asyncIterator]().return?.() : undefined;
  for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
  if (!incoming.complete) {
    outgoing.setHeader("connection", "close");
    discardRest(incoming);
  }
  if (isStreamed(body)) return stream(response.status, body, outgoing);
  // Written with its head, and not in chunks behind it: one write less, and one chunk less to read.
  outgoing.statusCode = response.status;
  outgoing.end(body ?? "");
}

/** Whether a body is written as it comes. */
export const isStreamed = (body: LocalResponse["body"]): body is AsyncIterable<string | Uint8Array> =>
  typeof body === "object" && !Buffer.isBuffer(body);

async function stream(
  status: number,
  body: AsyncIterable<string | Uint8Array>,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = status;
  outgoing.flushHeaders();
  // What fails in the middle cuts the connection, which is all that the caller can be told.
  await pipeline(body, outgoing).catch(() => undefined);
}

async function responseTo(
  incoming: IncomingMessage,
  gone: AbortSignal,
  { handle, mostBytes, refuse }: Answering,
): Promise<LocalResponse> {
  const { method = "GET", url: target = "/", socket } = incoming;
  try {
    const { host = "" } = incoming.headers;
    if (!isLoopbackHost(host)) return refuse({ type: "foreign-host", host });
    const body = await readBody(incoming, mostBytes);
    if (body === undefined) return refuse({ type: "too-large", mostBytes });
    const sourceIp = socket.remoteAddress ?? "127.0.0.1";
    return await handle({ method, target, headers: headersOf(incoming), body, sourceIp, gone });
  } catch (error) {
    return refuse({ type: "failed", error });
  }
}

const headersOf = ({ headers }: IncomingMessage): LocalRequest["headers"] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );

function inPlainText(refusal: Refusal): LocalResponse {
  const headers = { "content-type": "text/plain" };
  switch (refusal.type) {
    case "foreign-host":
      return {
        status: 403,
        headers: { ...headers, connection: "close" },
        body: "Host: this endpoint is for callers of this machine only. Call 127.0.0.1 or localhost.",
      };
    case "too-large":
      return { status: 413, headers, body: `The body has more than ${refusal.mostBytes} bytes.` };
    case "failed":
      return { status: 500, headers, body: String(refusal.error) };
  }
}
