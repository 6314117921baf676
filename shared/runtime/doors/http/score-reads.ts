import { problemError } from "#core/errors.ts";
import { scoreOrder } from "#core/scoring/kept-score.ts";
import type { Scores } from "#ports/scores.ts";
import type { Engine } from "../../session/engine.ts";
import { jsonResponse, type HttpResponse } from "./http-message.ts";
import { knownSession } from "./known-session.ts";
import { linkTo } from "./list-sessions.ts";
import type { Handled } from "./session-reads.ts";

/** Answers `GET /sessions/{session}/scores`: a page of them, in the order of their replies. */
export type ScoreReads = (handled: Handled) => Promise<HttpResponse>;

/** Scores that one request tells at most. */
const PAGE = 200;
const CURSOR = /^\d{16}\/[a-z][a-z0-9_-]{0,31}$/;

export function createScoreReads(engine: Engine, scores: Pick<Scores, "read">): ScoreReads {
  return async ({ key, session, request }) => {
    const after = readCursor(request.query["cursor"]);
    // One that has ended has no scores, though some may be on their way out.
    await knownSession(engine, key);
    const found = await scores.read(key, { limit: PAGE, ...(after !== undefined && { after }) });
    const last = found.at(-1);
    const path = `/sessions/${encodeURIComponent(session)}/scores`;
    return jsonResponse(
      200,
      { session, scores: found },
      last === undefined || found.length < PAGE ? {} : { link: linkTo(path, request, scoreOrder(last)) },
    );
  };
}

function readCursor(text: string | undefined): string | undefined {
  if (text === undefined || CURSOR.test(text)) return text;
  throw problemError("input.malformed", {
    field: "cursor",
    problem: "is no cursor",
    repair: "Take it from the link of the last page.",
  });
}
