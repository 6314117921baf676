import { RIGHTS } from "#core/rights.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import { createScoreReads } from "#runtime/doors/http/score-reads.ts";
import type { InProcessSpine } from "./in-process-spine.ts";

/** A request to the spine's HTTP API, as its clients make them. */
export interface InProcessRequest {
  readonly method: "GET" | "POST";
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The HTTP API of a spine in this process, as one producer sees it: the `call` of `createClient`, so that what talks to a spine is tested without
 * a server.
 *
 * @example
 * const tested = createClient({ call: inProcessCall(spine, "shop") });
 */
export function inProcessCall(
  spine: InProcessSpine,
  source = "test",
): (request: InProcessRequest) => Promise<HttpResponse> {
  const handle = createHttpIngress(spine.engine, {
    listed: () => Promise.resolve(createListedReads(spine.engine, spine.sessionIndex)),
    scores: () => Promise.resolve(createScoreReads(spine.engine, spine.scores)),
  });
  const { tenant } = spine.key("any");
  return ({ path, method, headers = {}, body }) => {
    const { pathname, searchParams } = new URL(path, "http://spine");
    const query = Object.fromEntries(searchParams);
    const caller = { tenant, source, rights: RIGHTS };
    return handle({ method, headers, path: pathname, query, caller, ...(body !== undefined && { body }) });
  };
}
