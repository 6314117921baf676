import type { HttpCallOptions } from "./call.ts";
import type { Authorize } from "./signing/signed-fetch.ts";

/** A request for a stream of the spine's HTTP API. */
export interface StreamRequest {
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the stream. @default it ends by itself */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's text as it comes. Throws where the connection is cut. */
  readonly body: AsyncIterable<string>;
}

/** Opens a stream of a spine, wherever it is; `undefined` for a spine that has none. Rejects when nobody answers. */
export type StreamCall = (request: StreamRequest) => Promise<StreamAnswer | undefined>;

/** A stream says something every 15 s; one that is silent for so long, ms, has been cut without a word. */
const SILENCE_MS = 40_000;

/**
 * Opens streams at an address, each with what says who calls.
 *
 * @example
 * const stream = createHttpStreamCall("https://stream.example", () => Promise.resolve({ authorization: "…" }));
 */
export function createHttpStreamCall(
  address: string,
  authorize: Authorize,
  { fetch = globalThis.fetch }: Pick<HttpCallOptions, "fetch"> = {},
): StreamCall {
  const base = address.replace(/\/+$/, "");
  return async ({ path, headers, signal }) => {
    const request = { method: "GET", url: new URL(base + path), headers, body: "" };
    const silence = new AbortController();
    const heard = () => setTimeout(() => silence.abort(new Error("The stream fell silent.")), SILENCE_MS);
    let timer = heard();
    const response = await fetch(request.url, {
      headers: { ...headers, ...(await authorize(request)) },
      signal: signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]),
    }).catch((error: unknown) => {
      clearTimeout(timer);
      throw error;
    });
    const parts = async function* () {
      const decoder = new TextDecoder();
      try {
        for await (const part of response.body ?? []) {
          clearTimeout(timer);
          timer = heard();
          // A response's body is made of bytes.
          yield decoder.decode(part as Uint8Array, { stream: true });
        }
      } finally {
        clearTimeout(timer);
      }
    };
    return { status: response.status, headers: Object.fromEntries(response.headers), body: parts() };
  };
}
