import type { IncomingHttpHeaders } from "node:http";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { bringsToken, isOwnHost, refusal } from "../console/console-guards.ts";

/** Refuses whoever calls the gateway by another name than its own or its public one, and pages: what speaks A2A is a program. */
export function foreignToGateway(
  headers: IncomingHttpHeaders,
  port: number,
  publicUrl?: URL,
): HttpResponse | undefined {
  const isPublic = publicUrl !== undefined && headers.host?.toLowerCase() === publicUrl.host;
  if (!isOwnHost(headers, port) && !isPublic) {
    const repair = `Call http://127.0.0.1:${port}.`;
    return refusal(403, "http.host", "host", { problem: "is not this gateway's address", repair });
  }
  if (headers.origin === undefined) return undefined;
  const repair = "Call it from a program; pages may not use it.";
  return refusal(403, "http.origin", "origin", { problem: "is a page's", repair });
}

/** Refuses a request without the token of this start. */
export function unknownClient(headers: IncomingHttpHeaders, token: string): HttpResponse | undefined {
  if (bringsToken(headers, token)) return undefined;
  const repair = "Send Authorization: Bearer with the token that the gateway printed when it started.";
  const refused = refusal(401, "http.token", "authorization", {
    problem: "is not this start's token",
    repair,
  });
  return { ...refused, headers: { ...refused.headers, "www-authenticate": "Bearer" } };
}

/** Refuses a body that is no JSON by its own word. */
export function foreignType(headers: IncomingHttpHeaders): HttpResponse | undefined {
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return undefined;
  const repair = 'Send "Content-Type: application/json".';
  return refusal(415, "http.content-type", "content-type", { problem: "is not application/json", repair });
}
