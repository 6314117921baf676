import type { IncomingMessage, ServerResponse } from "node:http";
import { discardRest } from "#local/http/request-body.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { safeHeaders } from "./console-guards.ts";

export interface Guarded {
  /** Of the server itself, against which a request's address is read. */
  readonly url: () => string;
  /** Answers a request, or writes the response itself and gives nothing. */
  readonly respond: (
    asked: URL,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ) => Promise<HttpResponse | undefined>;
  readonly problemFor: (error: unknown) => HttpResponse;
}

/** Listens to requests of a server for this machine alone: every answer has the headers that keep other pages out. */
export function guardedListener({
  url,
  respond,
  problemFor,
}: Guarded): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const responseTo = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<HttpResponse | undefined> => {
    const asked = new URL(incoming.url ?? "/", url());
    for (const [name, value] of Object.entries(safeHeaders(asked.pathname))) outgoing.setHeader(name, value);
    return respond(asked, incoming, outgoing);
  };

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const response = await responseTo(incoming, outgoing).catch(problemFor);
    if (response === undefined || outgoing.destroyed || outgoing.headersSent) return;
    if (!incoming.complete) {
      outgoing.setHeader("connection", "close");
      discardRest(incoming);
    }
    outgoing.writeHead(response.status, response.headers);
    outgoing.end(incoming.method === "HEAD" ? undefined : response.body);
  };

  return (incoming, outgoing) => void answer(incoming, outgoing);
}
