import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { depthProblem, EVENT_DEPTH } from "#core/json-form.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest, HttpResponse } from "#runtime/doors/http/http-message.ts";
import { Resource, routeOf } from "#runtime/doors/http/route.ts";
import type { Authorize } from "#client/signing/signed-fetch.ts";
import { headersOf, searchOf } from "./forwarded.ts";
import { withFacts, withFactsOf } from "./facts.ts";
import { parsed, takenEvent, type Read } from "./taken-event.ts";

export interface ForwardOptions {
  readonly ingressUrl: string;
  /** Tells how the spine does. @default the ingress is asked, which has no such path */
  readonly operatorUrl?: string;
  /** Signs requests to the ingress for a producer. */
  readonly authorize: (producer: string) => Authorize;
  /** @default the machine's clock */
  readonly now?: () => Date;
}

/** What the API reads of a request's headers; the host is what its answers name. */
const PASSED = ["host", "content-type", "prefer", "traceparent"] as const;
/** Paths that are the operator function's. */
const OF_OPERATOR: ReadonlySet<string> = new Set(["/health", "/dead-letters"]);
const CONFLICT = 409;
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
 * would add. An event that is sent again has the facts of its first time, whatever day it is by then.
 */
export function createForward(options: ForwardOptions): HttpIngress {
  const { now = () => new Date() } = options;
  return async (request) => {
    const event = eventIn(request);
    if (event === undefined) return passOn(request, options);
    const read = (path: string, query: HttpRequest["query"] = {}) =>
      passOn({ ...request, method: "GET", path, query, body: "" }, options);
    const send = (body: Json) => passOn({ ...request, body: JSON.stringify(body) }, options);

    const answered = await send(withFacts(event.body, await knownFacts(read, event.session), now()));
    if (answered.status !== CONFLICT) return answered;
    const taken = await takenEvent(read, event.session, { source: request.caller.source, body: event.body });
    return taken === undefined ? answered : send(withFactsOf(event.body, taken));
  };
}

/** Hands requests on to the ingress' function URL as they are, each in its producer's name. */
export const createPassOn =
  (options: ForwardOptions): HttpIngress =>
  (request) =>
    passOn(request, options);

/** An event that a request brings; what is no JSON, or nested too deeply to be written again, is for the ingress to refuse. */
function eventIn({ method, path, body = "" }: HttpRequest): { session: string; body: Json } | undefined {
  const route = routeOf(path);
  if (method !== "POST" || route?.resource !== Resource.events) return undefined;
  const event = parsed(body);
  if (event === undefined || depthProblem(event, "body", EVENT_DEPTH) !== undefined) return undefined;
  return { session: route.session, body: event };
}

async function knownFacts(read: Read, session: string): Promise<Json | undefined> {
  const known = await read(`/sessions/${encodeURIComponent(session)}/state`);
  const state = known.status === 200 ? parsed(known.body) : undefined;
  return isJsonObject(state) && isJsonObject(state["context"]) ? state["context"]["session"] : undefined;
}

async function passOn(request: HttpRequest, options: ForwardOptions): Promise<HttpResponse> {
  const { method, path, query, headers, body = "", caller } = request;
  const { ingressUrl, operatorUrl = ingressUrl } = options;
  const base = method === "GET" && OF_OPERATOR.has(path) ? operatorUrl : ingressUrl;
  const url = new URL(base + path + searchOf(query));
  const passed = headersOf(headers, PASSED);
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
