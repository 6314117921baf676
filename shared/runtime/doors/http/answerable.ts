import type { HttpRequest } from "./http-message.ts";
import type { OpenAsk } from "./open-asks.ts";

/** An open question with where and how it is answered. */
export interface AnswerableAsk extends OpenAsk {
  readonly answerAt: string;
  /** A command to paste, once the value is filled in. */
  readonly curl: string;
}

export function answerable(request: HttpRequest, session: string, open: OpenAsk): AnswerableAsk {
  const answerAt = `/sessions/${encodeURIComponent(session)}/asks/${open.ask}`;
  return { ...open, answerAt, curl: curlLine(request, answerAt) };
}

function curlLine({ headers }: HttpRequest, path: string): string {
  const scheme = headers["x-forwarded-proto"] ?? "http";
  const url = `${scheme}://${headers["host"] ?? "localhost"}${path}`;
  return `curl -sS '${url}' -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d '{"value": VALUE}'`;
}
