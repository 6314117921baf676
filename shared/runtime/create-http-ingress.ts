import { SpineError } from "#core/errors.ts";
import { parseSessionId, type SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import { parseCommit } from "#core/session/codec.ts";
import { toCloudEvent } from "#core/session/envelope.ts";
import { explain } from "#core/session/explain.ts";
import type { SessionState } from "#core/session/state.ts";
import { awaitReply } from "./await-reply.ts";
import { createIngress, type Accepted } from "./create-ingress.ts";
import { createSessionReader } from "./create-session-reader.ts";
import type { Engine } from "./engine.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http/message.ts";
import { waitOf } from "./http/prefer.ts";
import { problemOf, problemResponse } from "./http/problem.ts";
import { METHODS, PATHS, Resource, routeOf, type Route } from "./http/route.ts";
import { openAsks } from "./http/open-asks.ts";
import { createFlowBooks } from "./load-session.ts";
import { parseJson } from "./messages.ts";

export type HttpIngress = (request: HttpRequest) => Promise<HttpResponse>;

const JSON_TYPES = ["application/json", "application/cloudevents+json"] as const;
const BATCH_TYPE = "application/cloudevents-batch+json";
/** Commits in one page of the log. */
const PAGE_COMMITS = 50;
const MS_PER_SECOND = 1_000;

type Handled = Route & { readonly key: SessionKey; readonly request: HttpRequest };

/**
 * The producers' door over HTTP, whatever carries it: a server on loopback here, a function behind a URL elsewhere.
 * Every refusal is a problem of RFC 9457 that names field, problem and repair; nothing is half done.
 *
 * POST /sessions/{session}/events takes an event: 202 with its sequence, or with `Prefer: wait=SECONDS` 200 with the reply
 * when it comes in time. A run that failed is a 200 as well, with `reply.failed`: the event was taken, and that is its
 * answer. The same id again gives the same sequence, with another body 409.
 */
export function createHttpIngress(engine: Engine): HttpIngress {
  const ingress = createIngress(engine);
  const reader = createSessionReader(engine);
  const flowBook = createFlowBooks(engine);

  const accepted = (taken: Accepted, waited: number | undefined): HttpResponse => {
    const { session, id, sequence, reply } = taken;
    const applied = waited === undefined ? {} : { "preference-applied": `wait=${waited}` };
    if (reply === undefined) {
      const location = `/sessions/${encodeURIComponent(session)}/events?after=${sequence}`;
      return jsonResponse(202, { session, id, sequence }, { location, ...applied });
    }
    const { failed, ...rest } = reply;
    return jsonResponse(200, { session, id, sequence, reply: failed ? { ...rest, failed } : rest }, applied);
  };

  const postEvent = async ({ session, request }: Handled) => {
    const seconds = waitOf(request.headers["prefer"]);
    const body = readBody(request);
    const taken = await ingress.send(request.caller, session, body, (seconds ?? 0) * MS_PER_SECOND);
    return accepted(taken, seconds);
  };

  const postAnswer = async ({ key, session, ask, request }: Handled) => {
    const seconds = waitOf(request.headers["prefer"]);
    const body = readBody(request);
    const taken = await ingress.answerHuman(request.caller, session, ask, body);
    if (seconds === undefined) return accepted(taken, seconds);
    // The reply is to whoever started the run, not to the person who answered in between.
    const trigger = await triggerOf(key, taken.sequence);
    const reply = await awaitReply(engine, key, trigger ?? taken.sequence, seconds * MS_PER_SECOND);
    return accepted({ ...taken, ...(reply !== undefined && { reply }) }, seconds);
  };

  const triggerOf = async (key: SessionKey, sequence: number): Promise<number | undefined> => {
    const stored = (await engine.log.readUpTo(key, sequence)).at(-1);
    const events = stored === undefined ? [] : parseCommit(key, stored).events;
    const answer = events.find((event) => event.sequence === sequence);
    if (answer?.type !== "HumanAnswered") return undefined;
    return (await reader.stateAt(key, sequence)).runs[answer.data.run]?.trigger;
  };

  const postCommand = async ({ session, request }: Handled) =>
    accepted(await ingress.command(request.caller, session, readBody(request)), undefined);

  const getEvents = async ({ key, session, request }: Handled) => {
    const after = sequenceIn(request, "after") ?? 0;
    const { sequence } = await known(key);
    const within = after > 0 ? (await engine.log.readUpTo(key, after)).at(-1) : undefined;
    const from = within !== undefined && within.last > after ? within.first - 1 : after;
    const commits = await reader.commitsAfter(key, from, PAGE_COMMITS);
    const events = commits.flatMap((commit) =>
      commit.events.filter((event) => event.sequence > after).map((event) => toCloudEvent(commit, event)),
    );
    const last = commits.at(-1)?.last ?? after;
    const path = `/sessions/${encodeURIComponent(session)}/events?after=${last}`;
    return jsonResponse(200, events, {
      "content-type": BATCH_TYPE,
      ...(last < sequence && { link: `<${path}>; rel="next"` }),
    });
  };

  const getState = async ({ key, request }: Handled) => {
    const at = sequenceIn(request, "at");
    const state = await known(key);
    return jsonResponse(200, at === undefined ? state : await reader.stateAt(key, at));
  };

  const getExplanation = async ({ key, session, request }: Handled) => {
    const state = await known(key);
    const { status, sequence } = state;
    const waitsFor = explain(state, await flowBook(key, state));
    const asks = (await openAsks(reader, key, state)).map((open) => {
      const answerAt = `/sessions/${encodeURIComponent(session)}/asks/${open.ask}`;
      return { ...open, answerAt, curl: curlLine(request, answerAt) };
    });
    return jsonResponse(200, { session, status, sequence, waitsFor, asks });
  };

  const known = async (key: SessionKey): Promise<SessionState> => {
    const state = await reader.current(key);
    if (state.sequence > 0) return state;
    throw new SpineError("session.unknown", `Nothing was ever sent to session ${key.session}.`, {
      problems: [{ field: "session", problem: "has no events", repair: "Send it an event first." }],
    });
  };

  const handle = (handled: Handled): Promise<HttpResponse> => {
    switch (handled.resource) {
      case Resource.events:
        return handled.request.method === "POST" ? postEvent(handled) : getEvents(handled);
      case Resource.ask:
        return postAnswer(handled);
      case Resource.commands:
        return postCommand(handled);
      case Resource.state:
        return getState(handled);
      case Resource.explanation:
        return getExplanation(handled);
    }
  };

  return async (request) => {
    try {
      const route = routeOf(request.path);
      if (route === undefined) return unknownPath(request.path);
      const refusal = checkMethod(request, route) ?? checkType(request);
      if (refusal !== undefined) return refusal;
      const key = { tenant: request.caller.tenant, session: parseSessionId(route.session) };
      return await handle({ ...route, key, request });
    } catch (error) {
      const response = problemOf(error);
      // What only an operator can mend is told too.
      if (response.status >= 500 || response.status === 423)
        engine.onTrouble?.(error, `${request.method} ${request.path}`);
      return response;
    }
  };
}

/** A command that answers a question, to paste once the value is filled in. */
function curlLine({ headers }: HttpRequest, path: string): string {
  const scheme = headers["x-forwarded-proto"] ?? "http";
  const url = `${scheme}://${headers["host"] ?? "localhost"}${path}`;
  return `curl -sS '${url}' -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d '{"value": VALUE}'`;
}

function readBody({ body = "" }: HttpRequest): Json {
  return parseJson(body, "input.malformed");
}

const SEQUENCE = /^\d{1,15}$/;

function sequenceIn({ query }: HttpRequest, field: string): number | undefined {
  const text = query[field];
  if (text === undefined) return undefined;
  if (SEQUENCE.test(text)) return Number(text);
  const problem = `"${text}" is not a sequence`;
  const repair = "Give a whole number, 0 or more.";
  throw new SpineError("input.malformed", `${field}: ${problem}. ${repair}`, {
    problems: [{ field, problem, repair }],
  });
}

function unknownPath(path: string): HttpResponse {
  const problems = [
    { field: "path", problem: `"${path}" is unknown`, repair: `Use one of ${PATHS.join(", ")}.` },
  ];
  return problemResponse(404, { code: "http.path", detail: `There is nothing at ${path}.`, problems });
}

function checkMethod({ method, path }: HttpRequest, { resource }: Route): HttpResponse | undefined {
  const methods = METHODS[resource];
  if (methods.includes(method)) return undefined;
  const allow = methods.join(", ");
  return problemResponse(405, {
    code: "http.method",
    detail: `${path} takes ${allow}, not ${method}.`,
    problems: [{ field: "method", problem: `${method} is not taken here`, repair: `Use ${allow}.` }],
    headers: { allow },
  });
}

function checkType({ method, headers }: HttpRequest): HttpResponse | undefined {
  if (method !== "POST") return undefined;
  const given = headers["content-type"];
  const type = (given ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (JSON_TYPES.some((one) => one === type)) return undefined;
  const accepted = JSON_TYPES.join(", ");
  const problem = given === undefined ? "is missing" : `"${given}" is not taken`;
  return problemResponse(415, {
    code: "http.content-type",
    detail: `The body's content type ${problem}.`,
    problems: [{ field: "content-type", problem, repair: 'Send "Content-Type: application/json".' }],
    headers: { "accept-post": accepted },
  });
}
