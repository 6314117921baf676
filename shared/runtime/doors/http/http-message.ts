import type { KnownCaller } from "../read-event.ts";

/** An HTTP request, whoever received it: a server on loopback or a function behind a URL. */
export interface HttpRequest {
  /** Upper-case. */
  readonly method: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  /** Decoded. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decoded text; absent where there is none. */
  readonly body?: string;
  /** When whoever carries the request must have its answer, ms. @default there is no such time */
  readonly endsAt?: number;
  /** From the caller's identity, never from the request's content, with the rights that its tenant's operator gave it. */
  readonly caller: KnownCaller;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response whose body is written as it comes. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parts of the body; whoever writes it takes one after the other, and ends early by ending the iteration. */
  readonly frames: AsyncIterable<string>;
}

export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: `${JSON.stringify(value, undefined, 2)}\n`,
  };
}
