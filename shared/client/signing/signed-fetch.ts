import { sign, type Credentials, type OutgoingRequest } from "./sign.ts";

/** The headers that say who calls. */
export type Authorize = (request: OutgoingRequest) => Promise<Readonly<Record<string, string>>>;

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** As `fetch`, for what a test or a command sends. */
export type Send = (url: string, sending?: Sending) => Promise<Response>;

/**
 * Signs requests to one service by the machine's clock.
 *
 * @example
 * const credentials = { accessKeyId: "AKIA…", secretAccessKey: "…" };
 * const call = createHttpCall("https://spine.example", authorizeBy(credentials, "eu-west-1", "lambda"));
 */
export const authorizeBy =
  (credentials: Credentials, region: string, service: string): Authorize =>
  (request) =>
    sign(request, { credentials, region, service, now: new Date() });

/** Sends requests with what says who calls, each with a signature of its own. */
export const signedFetch =
  (authorize: Authorize): Send =>
  async (url, { method = "GET", headers = {}, body = "", ...more } = {}) => {
    const authorization = await authorize({ method, url: new URL(url), headers, body });
    return fetch(url, {
      ...more,
      method,
      headers: { ...headers, ...authorization },
      ...(body !== "" && { body }),
    });
  };
