import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SpineError } from "#core/errors.ts";
import type { TenantId } from "#core/ids.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { RIGHTS } from "#core/rights.ts";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { problemOf, problemResponse } from "#runtime/doors/http/problem.ts";
import { isLoopbackHost } from "./loopback-host.ts";

export interface HttpServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Whoever reaches the loopback interface speaks for this tenant. */
  readonly tenant: TenantId;
  readonly handle: HttpIngress;
}

export interface RunningHttpServer {
  readonly url: string;
  /** Takes no more requests, and waits a little for those under way. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** A producer without a name of its own. */
const DEFAULT_PRODUCER = "curl";
const PRODUCER = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;
/** So much of a refused body is read and thrown away, so that the caller gets to see the refusal. */
const MAX_DISCARDED_BYTES = 16_000_000;
const CLOSE_GRACE_MS = 5_000;

/** Serves an HTTP ingress on the loopback interface. Throws when the port is taken. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, options).then((answered) => write(request, response, answered));
  };
  const server = createServer(serve);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (!declaresTooMuch(request)) response.writeContinue();
    serve(request, response);
  });
  await listen(server, options.port);
  // A TCP server's address is an object.
  const { port } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${port}`, close: () => close(server) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(
  request: IncomingMessage,
  { handle, tenant }: HttpServerOptions,
): Promise<HttpResponse> {
  try {
    const url = new URL(request.url ?? "/", `http://${HOST}`);
    if (!isLoopbackHost(request.headers.host)) return foreignHost(request);
    return await handle({
      method: request.method ?? "GET",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: headersOf(request),
      body: await readBody(request),
      caller: { tenant, source: producerOf(request), rights: RIGHTS },
    });
  } catch (error) {
    return problemOf(error);
  }
}

function write(request: IncomingMessage, response: ServerResponse, answered: HttpResponse): void {
  const headers: Record<string, string> = { ...answered.headers };
  if (!request.complete) {
    headers["connection"] = "close";
    discardRest(request);
  }
  response.writeHead(answered.status, headers).end(answered.body);
}

function discardRest(request: IncomingMessage): void {
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) request.destroy();
  });
  request.resume();
}

function foreignHost({ headers }: IncomingMessage): HttpResponse {
  const problem = `"${headers.host ?? ""}" is not this machine`;
  return problemResponse(403, {
    code: "http.host",
    detail: `This server is for local callers only; the host ${problem}.`,
    problems: [{ field: "host", problem, repair: `Call http://${HOST} or http://localhost.` }],
  });
}

function headersOf({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

function producerOf({ headers }: IncomingMessage): string {
  const given = headers["x-producer"];
  if (given === undefined) return DEFAULT_PRODUCER;
  if (typeof given === "string" && PRODUCER.test(given)) return given;
  const problem = `${JSON.stringify(given)} is no producer's name`;
  const repair = "Use 1 to 128 letters, digits and . _ : / @ -, starting with a letter or digit.";
  throw new SpineError("id.invalid", `X-Producer: ${problem}. ${repair}`, {
    problems: [{ field: "x-producer", problem, repair }],
  });
}

const declaresTooMuch = ({ headers }: IncomingMessage): boolean =>
  Number(headers["content-length"] ?? 0) > MAX_INPUT_BYTES;

/** Reads the body, and stops where it is larger than any input may be. */
async function readBody(request: IncomingMessage): Promise<string> {
  if (declaresTooMuch(request)) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not tear down the connection that the refusal travels on.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_INPUT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const problem = "is not UTF-8";
    const repair = "Send JSON encoded as UTF-8.";
    throw new SpineError("input.malformed", `The body ${problem}. ${repair}`, {
      problems: [{ field: "body", problem, repair }],
      cause,
    });
  }
}

function tooLarge(): SpineError {
  const problem = `has more than ${MAX_INPUT_BYTES} bytes`;
  const repair = "Store large values elsewhere and send a reference.";
  return new SpineError("input.too-large", `The body ${problem}. ${repair}`, {
    problems: [{ field: "body", problem, repair }],
  });
}
