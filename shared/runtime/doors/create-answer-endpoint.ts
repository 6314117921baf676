import { isSpineError, problemError, type SpineError } from "#core/errors.ts";
import { utf8Length } from "#core/json.ts";
import type { AnswerMessage } from "#core/session/task-messages.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { Tokens } from "#ports/secrets.ts";
import { parseAnswer } from "./agent-protocol.ts";
import type { AnswerPace } from "./answer-pace.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http/http-message.ts";
import { problemResponse } from "./http/problem.ts";
import { wrongToken } from "./wrong-token.ts";

export interface AnswerEndpointPorts {
  readonly door: Pick<CoordinatorDoor, "answer">;
  readonly tokens: Pick<Tokens, "verify">;
  readonly pace: AnswerPace;
  /** Told of what went wrong on the spine's side. What callers did wrong is told to them alone. */
  readonly onTrouble: (error: unknown, what: string) => void;
}

/** Larger answers take the signed call. */
export const MAX_ANSWER_BODY_BYTES = 65_536;

/**
 * The public door for answers: whoever has a task's callback posts its answer, without a signature. Nothing happens before the token has
 * proven the attempt; what is refused tells nothing of sessions. It takes answers and nothing else, and hands out no task.
 */
export function createAnswerEndpoint({ door, tokens, pace, onTrouble }: AnswerEndpointPorts) {
  const take = async (answer: AnswerMessage): Promise<HttpResponse> => {
    const { tenant, session, task, attempt, token, outcome } = answer;
    const proven = { tenant, session, task, attempt };
    if (!(await tokens.verify(proven, token))) return problem(403, wrongToken());
    if (!pace(`${tenant}/${session}/${task}/${attempt}`))
      return later(429, "Answers of this task come too fast.");
    const { type, problems } = await door.answer({ ...proven, token, outcome });
    if (type === "busy") return later(503, "Others advance the session at this moment.");
    return jsonResponse(200, { type, ...(problems !== undefined && { problems }) }, NOT_KEPT);
  };

  return async ({ method, body = "" }: Pick<HttpRequest, "method" | "body">): Promise<HttpResponse> => {
    if (method !== "POST") return problem(405, NOT_POSTED, { allow: "POST" });
    if (utf8Length(body) > MAX_ANSWER_BODY_BYTES) return problem(413, TOO_LARGE);
    try {
      return await take(parseAnswer(parsed(body)));
    } catch (error) {
      // What the answer itself lacks; all else may be about the session.
      if (isSpineError(error) && CALLERS.has(error.code)) return problem(400, error);
      onTrouble(error, "an answer by callback");
      return later(503, "The answer cannot be taken just now.");
    }
  };
}

const CALLERS: ReadonlySet<string> = new Set(["answer.malformed", "answer.too-large", "id.invalid"]);
const NOT_KEPT = { "cache-control": "no-store" };

const NOT_POSTED = problemError("answer.malformed", {
  field: "method",
  problem: "is not POST",
  repair: "Post the answer as JSON.",
});
const TOO_LARGE = problemError("answer.too-large", {
  field: "body",
  problem: `has more than ${MAX_ANSWER_BODY_BYTES} bytes`,
  repair: "Store the result elsewhere and answer with a reference, or invoke the door with a signed call.",
});

function problem(
  status: number,
  { code, message: detail, problems }: SpineError,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return problemResponse(status, { code, detail, problems, headers: { ...NOT_KEPT, ...headers } });
}

const later = (status: 429 | 503, what: string): HttpResponse =>
  problemResponse(status, {
    code: "session.contended",
    detail: `${what} Send the same answer again after a second.`,
    headers: { ...NOT_KEPT, "retry-after": "1" },
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problemError("answer.malformed", {
      field: "body",
      problem: "is not JSON",
      repair: "Post the callback's tenant, session, task, attempt and token with an outcome, as JSON.",
    });
  }
}
