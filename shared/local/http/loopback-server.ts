import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopbackHost } from "./loopback-host.ts";

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
  readonly body?: string | Buffer;
}

export type Handle = (request: LocalRequest) => Promise<LocalResponse>;
/** Stands between callers and a handler: may hand a request on, answer it itself, or do both. */
export type Around = (request: LocalRequest, handle: Handle) => Promise<LocalResponse>;

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  intercept(around: Around): void;
  /** Ends open connections too. */
  stop(): Promise<void>;
}

/** Serves on 127.0.0.1, on a port that the system picks, whoever calls this machine by a name of its own. */
export async function serveLoopback(given: Handle): Promise<LoopbackServer> {
  let handle = given;
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    void answer(incoming, outgoing, handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a pipe's name
  return {
    url: `http://127.0.0.1:${port}`,
    intercept(around) {
      const inner = handle;
      handle = (request) => around(request, inner);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, handle: Handle): Promise<void> {
  // SDK clients set their clocks by an answer's date, which here is the machine's also where a function's clock is ahead.
  outgoing.sendDate = false;
  const controller = new AbortController();
  outgoing.once("close", () => controller.abort());
  try {
    if (!isLoopbackHost(incoming.headers.host)) {
      outgoing.writeHead(403, { "content-type": "text/plain", connection: "close" });
      outgoing.end("Host: this endpoint is for callers of this machine only. Call 127.0.0.1 or localhost.");
      return;
    }
    const response = await handle({
      method: incoming.method ?? "GET",
      target: incoming.url ?? "/",
      headers: Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(", ") : value,
        ]),
      ),
      body: await readAll(incoming),
      sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
      gone: controller.signal,
    });
    for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
    outgoing.writeHead(response.status);
    outgoing.end(response.body ?? "");
  } catch (error) {
    // Nobody is left to answer when the caller has hung up.
    if (outgoing.destroyed) return;
    outgoing.writeHead(500, { "content-type": "text/plain" });
    outgoing.end(String(error));
  }
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return Buffer.concat(chunks);
}
