import { SpineError } from "#core/errors.ts";
import type { TenantId } from "#core/ids.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { RIGHTS } from "#core/rights.ts";
import type { HttpRequest, HttpResponse, StreamedResponse } from "#runtime/doors/http/http-message.ts";
import { problemOf, problemResponse } from "#runtime/doors/http/problem.ts";
import { serveLoopback, type LocalRequest, type Refusal } from "./loopback-server.ts";

/** Answers a request, whole or as a stream, which ends when `gone` aborts. */
export type HandleHttp = (
  request: HttpRequest,
  gone: AbortSignal,
) => Promise<HttpResponse | StreamedResponse>;

export interface HttpServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Whoever reaches the loopback interface speaks for this tenant. */
  readonly tenant: TenantId;
  readonly handle: HandleHttp;
}

export interface RunningHttpServer {
  readonly url: string;
  /** Takes no more requests, ends streams, and waits a little for other requests under way. */
  close(): Promise<void>;
}

/** A producer without a name of its own. */
const DEFAULT_PRODUCER = "curl";
const PRODUCER = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;
const CLOSE_GRACE_MS = 5_000;

/** Serves an HTTP ingress on the loopback interface. Throws when the port is taken. */
export async function startHttpServer({
  port,
  tenant,
  handle,
}: HttpServerOptions): Promise<RunningHttpServer> {
  const closing = new AbortController();
  const { url, stop } = await serveLoopback(
    async ({ method, target, headers, body, gone }) => {
      const { pathname: path, searchParams } = new URL(target, "http://127.0.0.1");
      const request: HttpRequest = {
        method,
        path,
        query: Object.fromEntries(searchParams),
        headers,
        body: decode(body),
        caller: { tenant, source: producerOf(headers), rights: RIGHTS },
      };
      const answer = await handle(request, AbortSignal.any([gone, closing.signal]));
      return "frames" in answer ? { ...answer, body: answer.frames } : answer;
    },
    { port, mostBytes: MAX_INPUT_BYTES, refuse },
  );
  return {
    url,
    close() {
      closing.abort();
      return stop(CLOSE_GRACE_MS);
    },
  };
}

function refuse(refusal: Refusal): HttpResponse {
  switch (refusal.type) {
    case "foreign-host":
      return foreignHost(refusal.host);
    case "too-large":
      return problemOf(tooLarge(refusal.mostBytes));
    case "failed":
      return problemOf(refusal.error);
  }
}

function foreignHost(host: string): HttpResponse {
  const problem = `"${host}" is not this machine`;
  return problemResponse(403, {
    code: "http.host",
    detail: `This server is for local callers only; the host ${problem}.`,
    problems: [{ field: "host", problem, repair: "Call http://127.0.0.1 or http://localhost." }],
  });
}

function producerOf(headers: LocalRequest["headers"]): string {
  const given = headers["x-producer"];
  if (given === undefined) return DEFAULT_PRODUCER;
  if (PRODUCER.test(given)) return given;
  const problem = `${JSON.stringify(given)} is not a producer's name`;
  const repair = "Use 1 to 128 letters, digits and . _ : / @ -, starting with a letter or digit.";
  throw new SpineError("id.invalid", `X-Producer: ${problem}. ${repair}`, {
    problems: [{ field: "x-producer", problem, repair }],
  });
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

function tooLarge(mostBytes: number): SpineError {
  const problem = `has more than ${mostBytes} bytes`;
  const repair = "Store large values elsewhere and send a reference.";
  return new SpineError("input.too-large", `The body ${problem}. ${repair}`, {
    problems: [{ field: "body", problem, repair }],
  });
}
