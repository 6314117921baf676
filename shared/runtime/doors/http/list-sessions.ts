import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { Clock } from "#ports/clock.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http-message.ts";
import { readRowQuery } from "./row-query.ts";

/** Rows that one request reads at most, whatever it asks for. */
export const MOST_SCANNED = 500;
/** Rows that are read together where not every one is asked for. */
const STRIDE = 100;

/** Answers `GET /sessions`: the rows that a caller asks for, the newest first, and where the next page begins. */
export function createListSessions(
  clock: Pick<Clock, "now">,
  index: Pick<SessionIndex, "list">,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => {
    const { of, isMeant, limit, before: from } = readRowQuery(request, clock.now());
    const { tenant } = request.caller;
    const rows: SessionRow[] = [];
    let before = from;
    let scanned = 0;
    let isOver = false;
    while (!isOver && rows.length < limit && scanned < MOST_SCANNED) {
      const asked = isMeant === undefined ? limit : Math.min(STRIDE, MOST_SCANNED - scanned);
      const page = await index.list({ tenant, of, limit: asked, ...(before !== undefined && { before }) });
      for (const row of page) {
        if (rows.length === limit) break;
        scanned += 1;
        before = orderOf(row);
        if (isMeant?.(row) ?? true) rows.push(row);
      }
      isOver = page.length < asked && (page.length === 0 || before === lastOrder(page));
    }
    return jsonResponse(
      200,
      { sessions: rows, scanned },
      isOver || before === undefined ? {} : { link: linkTo("/sessions", request, before) },
    );
  };
}

const lastOrder = (page: readonly SessionRow[]): string | undefined => {
  const last = page.at(-1);
  return last && orderOf(last);
};

/** The same request, from where this page ends. */
export function linkTo(path: string, { query }: HttpRequest, cursor: string): string {
  const kept = Object.entries(query).filter(([name, value]) => name !== "cursor" && value !== undefined);
  const all = [...kept, ["cursor", cursor] as const];
  const text = all.map(([name, value = ""]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `<${path}?${text.join("&")}>; rel="next"`;
}
