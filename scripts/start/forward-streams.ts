import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { Resource, routeOf } from "#runtime/doors/http/route.ts";
import type { HandleHttp } from "#local/http/http-server.ts";
import type { ForwardOptions } from "./forward.ts";
import { headersOf, searchOf } from "./forwarded.ts";

export interface ForwardStreamsOptions extends Pick<ForwardOptions, "authorize"> {
  /** The URL that streams events; where there is none, streams are read as pages. */
  readonly streamUrl: string | undefined;
}

const EVENT_STREAM = "text/event-stream";
/** What the stream reads of a request's headers. */
const KEPT = ["content-type", "cache-control", "retry-after", "x-vercel-ai-ui-message-stream"] as const;
const PASSED = ["accept", "last-event-id"] as const;

/** Hands requests for a stream on to the stream's function URL, and its parts back as they come; all else goes to the ingress. */
export function withStreams(forward: HttpIngress, options: ForwardStreamsOptions): HandleHttp {
  const { streamUrl, authorize } = options;
  return async (request, gone) => {
    if (streamUrl === undefined || !asksForStream(request)) return forward(request);
    const { path, query, headers, caller } = request;
    const url = new URL(streamUrl + path + searchOf(query));
    const passed = headersOf(headers, PASSED);
    const signature = await authorize(caller.source)({ method: "GET", url, headers: passed, body: "" });
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(url, { headers: { ...passed, ...signature }, signal: gone });
      outgoing.once("error", reject);
      outgoing.once("response", (incoming) => {
        const { statusCode: status = 502 } = incoming;
        const kept = headersOf(incoming.headers, KEPT);
        if (incoming.headers["content-type"] === EVENT_STREAM)
          return resolve({ status, headers: kept, frames: incoming.setEncoding("utf8") });
        text(incoming).then((body) => resolve({ status, headers: kept, body }), reject);
      });
      outgoing.end();
    });
  };
}

/** Whether a request for a session's events wants them as they come. */
export const asksForStream = ({ method, path, headers }: HttpRequest): boolean =>
  method === "GET" &&
  (headers["accept"] ?? "").includes(EVENT_STREAM) &&
  routeOf(path)?.resource === Resource.events;
