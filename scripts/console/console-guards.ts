import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { problemResponse } from "#runtime/doors/http/problem.ts";

/** Nothing comes from elsewhere, nothing is asked of elsewhere, and nobody frames the page. */
const policy = (ancestors: string): string =>
  [
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    `frame-ancestors ${ancestors}`,
  ].join("; ");

/** The lane view may be framed by pages of this machine, such as an editor's or a runbook's. */
const EMBEDDABLE = /^\/embed(?:\/|$)/;
const ON_THIS_MACHINE = "http://127.0.0.1:* http://localhost:*";

/** Headers of every answer. */
export function safeHeaders(path: string): Readonly<Record<string, string>> {
  return {
    "content-security-policy": policy(EMBEDDABLE.test(path) ? ON_THIS_MACHINE : "'none'"),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
}

/** Whether a caller names this server as those do who mean it, and not as a name does that leads here. */
export const isOwnHost = ({ host = "" }: IncomingHttpHeaders, port: number): boolean =>
  [`127.0.0.1:${port}`, `localhost:${port}`].includes(host.toLowerCase());

/** Refuses whoever calls this server by another name, or from a page of another origin. */
export function foreign(headers: IncomingHttpHeaders, port: number): HttpResponse | undefined {
  if (!isOwnHost(headers, port)) {
    const repair = `Open http://127.0.0.1:${port}.`;
    return refusal(403, "http.host", "host", { problem: "is not this server's address", repair });
  }
  const { host, origin } = headers;
  if (origin === undefined || origin === `http://${host}`) return undefined;
  const repair = "Open the console itself; pages of other origins may not use it.";
  return refusal(403, "http.origin", "origin", { problem: "is another origin than the console's", repair });
}

const TOKEN_BYTES = 24;

/** A token for one start: whoever has it may do what the server may. */
export const startToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");

/** Whether a request brings this bearer token; how long that takes says nothing of it. */
export function bringsToken({ authorization = "" }: IncomingHttpHeaders, token: string): boolean {
  const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Refuses a request to the API without the token of this start. */
export function unknownCaller(headers: IncomingHttpHeaders, token: string): HttpResponse | undefined {
  if (bringsToken(headers, token)) return undefined;
  const repair = "Open the address that the console printed when it started.";
  return refusal(401, "http.token", "authorization", { problem: "is not this start's token", repair });
}

/** Refuses a body of more than `MAX_INPUT_BYTES`. */
export function tooLarge(): HttpResponse {
  const repair = "Store large values elsewhere and send a reference.";
  return refusal(413, "input.too-large", "body", {
    problem: `has more than ${MAX_INPUT_BYTES} bytes`,
    repair,
  });
}

export function refusal(
  status: number,
  code: string,
  field: string,
  { problem, repair }: { readonly problem: string; readonly repair: string },
): HttpResponse {
  return problemResponse(status, {
    code,
    detail: `${field}: ${problem}. ${repair}`,
    problems: [{ field, problem, repair }],
  });
}
