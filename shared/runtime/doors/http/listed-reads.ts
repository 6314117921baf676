import { isSpineError, problemError } from "#core/errors.ts";
import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import type { Engine } from "../../session/engine.ts";
import { createFindQuestions, type FoundQuestion } from "./find-questions.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http-message.ts";
import { createListSessions, linkTo, MOST_SCANNED } from "./list-sessions.ts";

/** What is read of all sessions of a tenant. */
export interface ListedReads {
  sessions(request: HttpRequest): Promise<HttpResponse>;
  questions(request: HttpRequest): Promise<HttpResponse>;
}

/** Sessions whose questions one request tells: each takes a few reads of its log. */
const SESSIONS_ASKED = 50;
const SIDE_BY_SIDE = 10;

export function createListedReads(engine: Engine, index: Pick<SessionIndex, "list">): ListedReads {
  const questionsOf = createFindQuestions(engine);

  const sessions = createListSessions(engine.clock, index);

  /** Nothing of a session that has ended meanwhile, or that nobody can read: the others' questions are told all the same. */
  const questionsIn = async (
    { caller: { tenant } }: HttpRequest,
    { session }: SessionRow,
  ): Promise<readonly FoundQuestion[]> => {
    try {
      return await questionsOf({ tenant, session });
    } catch (error) {
      if (isSpineError(error, "session.expired")) return [];
      if (!isSpineError(error, "session.unreadable")) throw error;
      engine.onTrouble?.(error, "reading the questions of a session");
      return [];
    }
  };

  const questions = async (request: HttpRequest): Promise<HttpResponse> => {
    const { tenant } = request.caller;
    const after = readDueCursor(request.query["cursor"]);
    const asking = await index.list({ tenant, of: { states: ["asking"] }, limit: MOST_SCANNED });
    const due = asking.toSorted((a, b) => (dueOrder(a) < dueOrder(b) ? -1 : 1));
    const left = after === undefined ? due : due.filter((row) => dueOrder(row) > after);
    const meant = left.slice(0, SESSIONS_ASKED);
    const found: FoundQuestion[] = [];
    for (let at = 0; at < meant.length; at += SIDE_BY_SIDE) {
      const some = meant.slice(at, at + SIDE_BY_SIDE);
      found.push(...(await Promise.all(some.map((row) => questionsIn(request, row)))).flat());
    }
    const last = meant.at(-1);
    const isOver = last === undefined || meant.length === left.length;
    return jsonResponse(
      200,
      { questions: found.toSorted((a, b) => a.dueAt - b.dueAt), scanned: asking.length },
      isOver ? {} : { link: linkTo("/questions", request, dueOrder(last)) },
    );
  };

  return { sessions, questions };
}

/** Sorts rows by when their first question is closed. */
const dueOrder = ({ session, waitsFor }: SessionRow): string =>
  orderOf({ session, lastAt: waitsFor?.until ?? 0 });

const DUE_CURSOR = /^\d{15}\/[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

function readDueCursor(text: string | undefined): string | undefined {
  if (text === undefined || DUE_CURSOR.test(text)) return text;
  throw problemError("input.malformed", {
    field: "cursor",
    problem: `"${text}" is no cursor`,
    repair: "Take it from the link of the last page.",
  });
}
