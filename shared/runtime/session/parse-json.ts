import { problemError, SpineError, type SpineErrorCode } from "#core/errors.ts";
import { depthProblem, MESSAGE_DEPTH } from "#core/json-form.ts";
import type { Json } from "#core/json.ts";

/** Reads a body or a message. Throws `code` for what is no JSON, or so deep that none of its values is one that a session takes. */
export function parseJson(text: string, code: SpineErrorCode): Json {
  const value = textJson(text, code);
  const problem = depthProblem(value, "body", MESSAGE_DEPTH);
  if (problem !== undefined) throw problemError(code, problem);
  return value;
}

function textJson(text: string, code: SpineErrorCode): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const problem = `is not JSON${positionIn(error)}`;
    throw new SpineError(code, `The body ${problem}. Send one JSON object.`, {
      problems: [{ field: "body", problem, repair: "Send one JSON object." }],
    });
  }
}

/** Where the engine stumbled: the rest of what it says quotes the text. */
function positionIn(error: unknown): string {
  const [, position] = error instanceof Error ? (/ at position (\d+)/.exec(error.message) ?? []) : [];
  return position === undefined ? "" : ` at character ${Number(position) + 1}`;
}
