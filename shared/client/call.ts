import type { Authorize } from "./signing/signed-fetch.ts";

/** A request to the spine's HTTP API. */
export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives the request up. @default nobody does */
  readonly signal?: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Carries a request to a spine, wherever it is. Rejects when nobody answers. */
export type Call = (request: ApiRequest) => Promise<ApiAnswer>;

export interface HttpCallOptions {
  /** When a request is given up that nobody answers. @default 40,000 ms */
  readonly timeoutMs?: number;
  /** @default the platform's */
  readonly fetch?: typeof fetch;
}

/** Longer than a request that waits for its reply is held. */
const TIMEOUT_MS = 40_000;

/**
 * Calls the API at an address, each request with what says who calls.
 *
 * @example
 * const call = createHttpCall("https://spine.example", () => Promise.resolve({ authorization: "…" }));
 */
export function createHttpCall(
  address: string,
  authorize: Authorize,
  { timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch }: HttpCallOptions = {},
): Call {
  const base = address.replace(/\/+$/, "");
  return async ({ method, path, headers = {}, body = "", signal }) => {
    const request = { method, url: new URL(base + path), headers, body };
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(request.url, {
      method,
      headers: { ...headers, ...(await authorize(request)) },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      ...(method === "POST" && { body }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}
