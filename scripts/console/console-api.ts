import type { ServerResponse } from "node:http";
import { messageOf } from "#core/errors.ts";
import type { JsonObject } from "#core/json.ts";
import { ApiError } from "#client/api-error.ts";
import { createSpineClient } from "#client/client.ts";
import { compareSessions } from "#client/compare-sessions.ts";
import { SPINE_COMMAND } from "#client/spine-command.ts";
import { outlineOf } from "#console/model/event-outline.ts";
import { jsonResponse, type HttpResponse } from "#runtime/doors/http/http-message.ts";
import { refusal } from "./console-guards.ts";
import { letterOperation } from "./letter-operation.ts";
import type { ConsoleSource } from "./console-source.ts";
import { followEvents } from "./follow-events.ts";

/** A request of the page, whose caller is known. */
export interface ConsoleRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  readonly gone: AbortSignal;
}

/** Answers the page's requests; a stream it writes itself. */
export type ConsoleApi = (
  request: ConsoleRequest,
  outgoing: ServerResponse,
) => Promise<HttpResponse | undefined>;

const OUTLINE = /^\/api\/sessions\/([^/]+)\/outline$/;
const EVENT = /^\/api\/sessions\/([^/]+)\/event\/(\d{1,15})$/;
const COST = /^\/api\/sessions\/([^/]+)\/cost$/;
const SCORES = /^\/api\/sessions\/([^/]+)\/scores$/;
const SPINE = /^\/api\/spine(\/(?:sessions|questions|health|dead-letters)(?:\/.*)?)$/;
const PASSED = ["content-type", "prefer"] as const;
const KEPT = ["content-type", "link", "location", "retry-after"] as const;

/** What the page reads and does: the spine's own API below `/api/spine`, and beside it what only the console has. */
export function createConsoleApi(source: ConsoleSource): ConsoleApi {
  const client = createSpineClient(source.call);

  const passOn = async (
    path: string,
    { method, url, headers, body }: ConsoleRequest,
  ): Promise<HttpResponse> => {
    const passed = PASSED.flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value] as const] : [];
    });
    const isOperators = /^\/(?:health|dead-letters)$/.test(path);
    const answer = await (isOperators ? (source.operator ?? source.call) : source.call)({
      method: method === "POST" ? "POST" : "GET",
      path: path + url.search,
      headers: Object.fromEntries(passed),
      ...(method === "POST" && { body }),
    });
    const kept = KEPT.flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { status: answer.status, headers: Object.fromEntries(kept), body: answer.body };
  };

  const event = async (session: string, sequence: number): Promise<HttpResponse> => {
    const path = `/sessions/${encodeURIComponent(session)}/events?after=${sequence - 1}`;
    const answer = await source.call({ method: "GET", path });
    if (answer.status !== 200) return { ...answer, headers: { "content-type": "application/problem+json" } };
    const [found] = JSON.parse(answer.body) as readonly JsonObject[];
    return found === undefined ? unknownPath(`event ${sequence}`) : jsonResponse(200, found);
  };

  /** As the command `cost` estimates it: what prices a log is loaded by whoever asks. */
  const cost = async (session: string): Promise<HttpResponse> => {
    const logged = await client.eventsAfter(session, 0);
    const { personal = [] } = await client.state(session);
    const { costOf } = await import("../cost/cost-of.ts");
    const { usd, usdAtMost, requests } = costOf(session, logged, personal.length > 0);
    return jsonResponse(200, { usd, usdAtMost, requests });
  };

  /** A spine without scorers has no such path: what is not there is no error to who looks at a session. */
  const scores = async (session: string): Promise<HttpResponse> => {
    try {
      return jsonResponse(200, { isScored: true, scores: await client.scores(session) });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404)
        return jsonResponse(200, { isScored: false, scores: [] });
      throw error;
    }
  };

  const compare = async (one: string, other: string): Promise<HttpResponse> => {
    const logs = await Promise.all([client.eventsAfter(one, 0), client.eventsAfter(other, 0)]);
    return jsonResponse(200, compareSessions(logs[0], logs[1], { one, other }));
  };

  return async (request, outgoing) => {
    const { method, url } = request;
    const path = url.pathname;
    if (method !== "GET" && method !== "POST") return unknownPath(method);
    const forwarded = SPINE.exec(path)?.[1];
    if (forwarded !== undefined) return passOn(forwarded, request);
    if (method === "POST" && path === "/api/letters" && source.operate !== undefined)
      return letterOperation(source.operate, request.body);
    if (method !== "GET") return unknownPath(path);
    if (path === "/api/about") {
      const { where, options, operate } = source;
      return jsonResponse(200, { where, command: SPINE_COMMAND, options, operates: operate !== undefined });
    }
    const [, outlined] = OUTLINE.exec(path) ?? [];
    if (outlined !== undefined) return stream(source, decodeURIComponent(outlined), request, outgoing);
    const [, session, sequence] = EVENT.exec(path) ?? [];
    if (session !== undefined) return event(decodeURIComponent(session), Number(sequence));
    const [, priced] = COST.exec(path) ?? [];
    if (priced !== undefined) return cost(decodeURIComponent(priced));
    const [, scored] = SCORES.exec(path) ?? [];
    if (scored !== undefined) return scores(decodeURIComponent(scored));
    const [one, other] = [url.searchParams.get("one"), url.searchParams.get("other")];
    if (path === "/api/compare" && one !== null && other !== null) return compare(one, other);
    return unknownPath(path);
  };
}

const unknownPath = (what: string): HttpResponse =>
  refusal(404, "http.path", "path", { problem: `"${what}" is unknown`, repair: "Reload the page." });

/** Writes the outline of a session as it comes. What is refused before the first event is an answer of its own. */
async function stream(
  source: ConsoleSource,
  session: string,
  { url, gone }: ConsoleRequest,
  outgoing: ServerResponse,
): Promise<HttpResponse | undefined> {
  const after = Number(url.searchParams.get("after") ?? 0);
  const live = url.searchParams.get("live") === "1";
  const write = (event: string, data: string): void => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { "content-type": "text/event-stream" });
    outgoing.write(`event: ${event}\ndata: ${data}\n\n`);
  };
  try {
    for await (const followed of followEvents(source, { session, after, live, signal: gone })) {
      if (followed.type === "events") write("outline", JSON.stringify(followed.events.map(outlineOf)));
      if (followed.type === "complete") write("complete", "{}");
      if (followed.type === "progress") write("progress", followed.data.replaceAll(/\r?\n/g, " "));
    }
  } catch (error) {
    if (!outgoing.headersSent) throw error;
    const status = error instanceof ApiError ? error.status : 502;
    if (!gone.aborted) write("trouble", JSON.stringify({ status, detail: messageOf(error) }));
  }
  outgoing.end();
  return undefined;
}
