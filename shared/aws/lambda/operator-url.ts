import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { isJsonObject, type Json } from "#core/json.ts";
import { jsonResponse, type HttpResponse } from "#runtime/doors/http/http-message.ts";
import { notAllowed, problemOf, problemResponse, unknownCaller } from "#runtime/doors/http/problem.ts";
import { identityOf, type KnownOperator } from "#runtime/letters/known-operator.ts";
import { parseJson } from "#runtime/session/parse-json.ts";
import type { Observer } from "../observe/observe.ts";
import type { Tenants } from "./tenants.ts";

type UrlEvent = LambdaFunctionURLEventWithIAMAuthorizer;

/**
 * Whether a function was called by its URL. Lambda makes such an event of a request; who may only call the URL can make no other, and
 * nobody is granted to invoke these functions but what the stack itself calls them with.
 */
export const isUrlEvent = (event: unknown): event is UrlEvent =>
  isJsonObject(event) && isJsonObject(event["requestContext"] ?? null);

export interface OperatorUrlPorts {
  readonly tenants: Pick<Tenants, "ofOperator">;
  readonly observer: Pick<Observer, "noteOperation" | "onTrouble">;
  /** Does what the body asks, for this operator. Throws a refusal. */
  readonly operate: (asked: Json, who: KnownOperator) => Promise<unknown>;
  /** What can be read there (GET), by path, by whoever may read or operate. @default nothing */
  readonly looks?: Readonly<Record<string, Look>>;
}

/** Answers a GET of its path. Throws a refusal. */
export type Look = (query: Readonly<Record<string, string>>, who: KnownOperator) => Promise<unknown>;

/**
 * Answers operators at a function's URL (POST, JSON). Who asks is what IAM found out, never what the body says; it needs the right
 * `operate`. Identity and reason are logged with what was asked, refused or not.
 */
export function createOperatorUrl({ tenants, observer, operate, looks = {} }: OperatorUrlPorts) {
  const look = async (event: UrlEvent, who: KnownOperator): Promise<HttpResponse> => {
    const found = looks[event.rawPath];
    if (found === undefined) return nothingThere(event.rawPath, Object.keys(looks));
    if (!who.rights.includes("read") && !who.rights.includes("operate")) return notAllowed(who, "read");
    return jsonResponse(200, await found(Object.fromEntries(new URLSearchParams(event.rawQueryString)), who));
  };

  const respond = async (event: UrlEvent): Promise<HttpResponse> => {
    const { requestContext, body = "", isBase64Encoded } = event;
    const who = tenants.ofOperator(requestContext.authorizer.iam.userArn);
    if (who === undefined) return unknownCaller();
    if (requestContext.http.method === "GET" && Object.keys(looks).length > 0)
      return look(event, who).catch((error: unknown) => failed(error, "what can be read"));
    if (!who.rights.includes("operate")) return notAllowed(who, "operate");
    if (requestContext.http.method !== "POST") return onlyPost(requestContext.http.method);
    const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
    try {
      const asked = parseJson(text, "input.malformed");
      observer.noteOperation({ ...identityOf(who), ...namesIn(asked) });
      return jsonResponse(200, await operate(asked, who));
    } catch (error) {
      return failed(error, "an operator's request");
    }
  };

  const failed = (error: unknown, what: string): HttpResponse => {
    observer.onTrouble(error, what);
    return problemOf(error);
  };

  return async (event: UrlEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const { status, headers, body } = await respond(event);
    return { statusCode: status, headers: { ...headers }, body };
  };
}

/** What a line of the log says of a request, beside who asked. */
const LOGGED = ["op", "reason", "letter", "tenant", "session"] as const;
const MAX_LOGGED = 1_000;

const namesIn = (asked: Json): Readonly<Record<string, string>> =>
  isJsonObject(asked)
    ? Object.fromEntries(
        LOGGED.flatMap((name) => {
          const value = asked[name];
          return typeof value === "string" ? [[name, value.slice(0, MAX_LOGGED)] as const] : [];
        }),
      )
    : {};

function nothingThere(path: string, paths: readonly string[]): HttpResponse {
  const repair = `Use one of ${paths.join(", ")}.`;
  return problemResponse(404, {
    code: "http.path",
    detail: `Nothing can be read at ${path}.`,
    problems: [{ field: "path", problem: `"${path}" is unknown`, repair }],
  });
}

const onlyPost = (method: string): HttpResponse =>
  problemResponse(405, {
    code: "http.method",
    detail: `Operator requests use POST, not ${method}.`,
    problems: [{ field: "method", problem: `${method} is not allowed here`, repair: "Use POST." }],
    headers: { allow: "POST" },
  });
