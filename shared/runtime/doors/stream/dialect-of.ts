import { SpineError } from "#core/errors.ts";
import { DIALECT_NAMES, type DialectName } from "#core/session/dialects/dialect-names.ts";
import type { HttpRequest } from "../http/http-message.ts";

/** The dialect that a reader asks for; none where it wants the session's events. Throws `input.malformed` for an unknown one. */
export function dialectOf({ query }: HttpRequest): DialectName | undefined {
  const { as } = query;
  if (as === undefined) return undefined;
  const known = DIALECT_NAMES.find((name) => name === as);
  if (known !== undefined) return known;
  const problem = `"${as}" is not a dialect`;
  const repair = `Use ${DIALECT_NAMES.join(" or ")}, or leave it out for the session's events.`;
  throw new SpineError("input.malformed", `as: ${problem}. ${repair}`, {
    problems: [{ field: "as", problem, repair }],
  });
}
