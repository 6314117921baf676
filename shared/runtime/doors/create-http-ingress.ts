import { parseSessionId } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import { awaitReply } from "./await-reply.ts";
import { commitOf, createIngress, type Accepted, type IngressOptions } from "./create-ingress.ts";
import type { Engine } from "../session/engine.ts";
import { answerable } from "./http/answerable.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http/http-message.ts";
import { createHold } from "./http/hold.ts";
import { lastMoment } from "./http/prefer.ts";
import { notAllowed, problemOf, problemResponse, unlisted, unscored } from "./http/problem.ts";
import { METHODS, PATHS, Resource, rightFor, routeOf, type Route } from "./http/route.ts";
import type { ExplainedReads } from "./http/explained-reads.ts";
import type { Forks } from "./http/forks.ts";
import type { Handled, SessionReads } from "./http/session-reads.ts";
import { parseJson } from "../session/parse-json.ts";

export type HttpIngress = (request: HttpRequest) => Promise<HttpResponse>;

const JSON_TYPES = ["application/json", "application/cloudevents+json"] as const;

/**
 * The producers' door over HTTP, whatever carries it: a server on loopback here, a function behind a URL elsewhere.
 * Every refusal is a problem of RFC 9457 that names field, problem and repair; nothing is half done.
 *
 * POST /sessions/{session}/events takes an event: 202 with its sequence and what became of it, or with `Prefer: wait=SECONDS`
 * 200 with the reply when it comes in time. A request is held where there is room (`options.waits`), and not for what no run will reply
 * to, nor while a person is asked. A run that failed is a 200 as well, with `reply.failed`: the event was taken, and that is its
 * answer. The same id again gives the same sequence, with another body 409.
 */
export function createHttpIngress(engine: Engine, options: IngressOptions = {}): HttpIngress {
  const ingress = createIngress(engine, options);
  const hold = createHold(options.waits, engine.clock);
  // On demand: most processes only take events, and start with less.
  let loaded: Promise<SessionReads> | undefined;
  const reads = (): Promise<SessionReads> =>
    (loaded ??= import("./http/session-reads.ts").then((module) => module.createSessionReads(engine)));

  let explained: Promise<ExplainedReads> | undefined;
  const explainedReads = (): Promise<ExplainedReads> =>
    (explained ??= import("./http/explained-reads.ts").then((module) => module.createExplainedReads(engine)));

  let forking: Promise<Forks> | undefined;
  const forks = (): Promise<Forks> =>
    (forking ??= import("./http/forks.ts").then((module) => module.createForks(engine)));

  /** What a session says beside the reply to one's own event is for those who may read it, or answer it. */
  const accepted = (taken: Accepted, waited: number | undefined, request: HttpRequest): HttpResponse => {
    const { session, id, sequence, disposition, reason, reply, asks } = taken;
    const applied = waited === undefined ? {} : { "preference-applied": `wait=${waited}` };
    if (reply === undefined) {
      const location = `/sessions/${encodeURIComponent(session)}/events?after=${sequence}`;
      const { rights } = request.caller;
      const isTold = rights.includes("read") || rights.includes("answer");
      const open = isTold ? asks?.map((ask) => answerable(request, session, ask)) : undefined;
      const body = { session, id, sequence, disposition, reason, asks: open };
      return jsonResponse(202, body, { location, ...applied });
    }
    const { failed, ...rest } = reply;
    const body = { session, id, sequence, disposition, reply: failed ? { ...rest, failed } : rest };
    return jsonResponse(200, body, applied);
  };

  const postEvent = async ({ session, request }: Handled) => {
    const body = readBody(request);
    const { waitMs, applied, leave } = hold(request, request.caller.tenant);
    try {
      const taken = await ingress.send(request.caller, session, body, waitMs, lastMoment(request.endsAt));
      return accepted(taken, await applied(), request);
    } finally {
      await leave();
    }
  };

  const postAnswer = async ({ key, session, part: ask, request }: Handled) => {
    const body = readBody(request);
    const { waitMs, applied, leave } = hold(request, key.tenant);
    try {
      const taken = await ingress.answerHuman(request.caller, session, ask, body);
      const waited = await applied();
      // The reply is to whoever started the run, not to the person who answered in between.
      if (waited === undefined || !request.caller.rights.includes("read"))
        return accepted(taken, waited, request);
      const trigger = await (await reads()).triggerOf(key, taken.sequence);
      const mostMs = Math.min(await waitMs, lastMoment(request.endsAt) - engine.clock.now());
      if (trigger === undefined || mostMs <= 0) return accepted(taken, waited, request);
      // From its very start: what else the run asks may have been asked before.
      const from = await commitOf(engine, key, trigger);
      const { reply, asks } = await awaitReply(engine, key, trigger, mostMs, from);
      const known = { ...(reply !== undefined && { reply }), ...(asks !== undefined && { asks }) };
      return accepted({ ...taken, ...known }, waited, request);
    } finally {
      await leave();
    }
  };

  const postSignal = async ({ session, request }: Handled) =>
    accepted(await ingress.signal(request.caller, session, readBody(request)), undefined, request);

  const postCommand = async ({ session, request }: Handled) =>
    accepted(await ingress.command(request.caller, session, readBody(request)), undefined, request);

  const handle = async (route: Route, request: HttpRequest): Promise<HttpResponse> => {
    const { resource } = route;
    if (resource === Resource.correlations) {
      const { postCorrelation } = await import("./http/correlations.ts");
      return postCorrelation(engine, request);
    }
    if (resource === Resource.sessions || resource === Resource.questions) {
      const listed = await options.listed?.();
      return listed === undefined ? unlisted() : listed[resource](request);
    }
    const key = { tenant: request.caller.tenant, session: parseSessionId(route.session) };
    const handled: Handled = { ...route, key, request };
    switch (resource) {
      case Resource.events:
        return handled.request.method === "POST" ? postEvent(handled) : (await reads()).events(handled);
      case Resource.ask:
        return postAnswer(handled);
      case Resource.signals:
        return postSignal(handled);
      case Resource.commands:
        return postCommand(handled);
      case Resource.forks:
        return (await forks()).post(handled, readBody(request));
      case Resource.state:
        return (await reads()).state(handled);
      case Resource.explanation:
        return (await reads()).explanation(handled);
      case Resource.decision:
        return (await explainedReads()).decision(handled);
      case Resource.view:
        return (await explainedReads()).view(handled);
      case Resource.commits:
        return (await explainedReads()).commits(handled);
      case Resource.scores:
        return (await options.scores?.())?.(handled) ?? unscored();
    }
  };

  return async (request) => {
    let route: Route | undefined;
    try {
      route = routeOf(request.path);
      if (route === undefined) return unknownPath(request.path);
      const refusal = checkMethod(request, route) ?? checkRight(request, route) ?? checkType(request);
      if (refusal !== undefined) return refusal;
      return await handle(route, request);
    } catch (error) {
      const response = problemOf(error);
      // What only an operator can mend is told too.
      if (response.status >= 500 || response.status === 423)
        engine.onTrouble?.(error, `${request.method} ${route?.resource} of ${route?.session}`);
      return response;
    }
  };
}

function readBody({ body = "" }: HttpRequest): Json {
  return parseJson(body, "input.malformed");
}

function unknownPath(path: string): HttpResponse {
  const problems = [
    { field: "path", problem: `"${path}" is unknown`, repair: `Use one of ${PATHS.join(", ")}.` },
  ];
  return problemResponse(404, { code: "http.path", detail: `Nothing is served at ${path}.`, problems });
}

function checkMethod({ method, path }: HttpRequest, { resource }: Route): HttpResponse | undefined {
  const methods = METHODS[resource];
  if (methods.includes(method)) return undefined;
  const allow = methods.join(", ");
  return problemResponse(405, {
    code: "http.method",
    detail: `${path} takes ${allow}, not ${method}.`,
    problems: [{ field: "method", problem: `${method} is not allowed here`, repair: `Use ${allow}.` }],
    headers: { allow },
  });
}

function checkRight({ method, caller }: HttpRequest, route: Route): HttpResponse | undefined {
  const right = rightFor(route, method);
  return caller.rights.includes(right) ? undefined : notAllowed(caller, right);
}

function checkType({ method, headers }: HttpRequest): HttpResponse | undefined {
  if (method !== "POST") return undefined;
  const given = headers["content-type"];
  const type = (given ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (JSON_TYPES.some((one) => one === type)) return undefined;
  const accepted = JSON_TYPES.join(", ");
  const problem = given === undefined ? "is missing" : `"${given}" is not supported`;
  return problemResponse(415, {
    code: "http.content-type",
    detail: `The body's content type ${problem}.`,
    problems: [{ field: "content-type", problem, repair: 'Send "Content-Type: application/json".' }],
    headers: { "accept-post": accepted },
  });
}
