import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { isJsonObject, type Json } from "#core/json.ts";
import type { HttpIngress } from "#runtime/create-http-ingress.ts";
import type { HttpRequest, HttpResponse } from "#runtime/http/message.ts";
import { Resource, routeOf } from "#runtime/http/route.ts";
import type { Authorize } from "../signing/signed-fetch.ts";
import { withFacts } from "./facts.ts";

export interface ForwardOptions {
  readonly ingressUrl: string;
  /** Signs requests to the ingress for a producer. */
  readonly authorize: (producer: string) => Authorize;
}

/** What the API reads of a request's headers; the host is what its answers name. */
const PASSED = ["host", "content-type", "prefer", "traceparent"] as const;
/** What belongs to a connection and not to an answer. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

/**
 * Hands requests on to the ingress' function URL, each in its producer's name, and events with the facts that a web form
 * would add.
 */
export function createForward(options: ForwardOptions): HttpIngress {
  return async (request) => {
    const body = await completed(request, options);
    return passOn({ ...request, body }, options);
  };
}

async function completed(request: HttpRequest, options: ForwardOptions): Promise<string> {
  const { method, path, body = "" } = request;
  const route = routeOf(path);
  if (method !== "POST" || route?.resource !== Resource.events) return body;
  const event = parsed(body);
  // What is no JSON is for the ingress to refuse.
  if (event === undefined) return body;
  const state = { path: `/sessions/${encodeURIComponent(route.session)}/state`, query: {}, body: "" };
  const known = await passOn({ ...request, method: "GET", ...state }, options);
  const read = known.status === 200 ? parsed(known.body) : undefined;
  const context = isJsonObject(read) && isJsonObject(read["context"]) ? read["context"] : {};
  return JSON.stringify(withFacts(event, context["session"], new Date()));
}

async function passOn(request: HttpRequest, options: ForwardOptions): Promise<HttpResponse> {
  const { method, path, query, headers, body = "", caller } = request;
  const url = new URL(options.ingressUrl + path + searchOf(query));
  const passed = Object.fromEntries(
    PASSED.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const signature = await options.authorize(caller.source)({ method, url, headers: passed, body });
  return new Promise((resolve, reject) => {
    // fetch would put a host of its own there.
    const outgoing = httpRequest(url, { method, headers: { ...passed, ...signature } });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      const kept = Object.entries(incoming.headers).filter(([name]) => !OF_CONNECTION.has(name));
      const answer = (answered: string): HttpResponse => ({
        status: incoming.statusCode ?? 502,
        headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
        body: answered,
      });
      text(incoming).then((answered) => resolve(answer(answered)), reject);
    });
    outgoing.end(body);
  });
}

function searchOf(query: HttpRequest["query"]): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

function parsed(body: string): Json | undefined {
  try {
    // Whatever parses is JSON.
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}
