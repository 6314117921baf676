import { SpineError } from "#core/errors.ts";
import { DIALECTS, type Dialect } from "#core/session/dialects/dialect.ts";
import type { HttpRequest } from "../http/http-message.ts";

/** The dialect that a reader asks for; none where it wants the session's events. Throws `input.malformed` for an unknown one. */
export function dialectOf({ query }: HttpRequest): Dialect | undefined {
  const { as } = query;
  if (as === undefined) return undefined;
  if (Object.hasOwn(DIALECTS, as)) return DIALECTS[as as keyof typeof DIALECTS]; // just looked up
  const problem = `"${as}" is not a dialect`;
  const repair = `Use ${Object.keys(DIALECTS).join(" or ")}, or leave it out for the session's events.`;
  throw new SpineError("input.malformed", `as: ${problem}. ${repair}`, {
    problems: [{ field: "as", problem, repair }],
  });
}
