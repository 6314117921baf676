import { messageOf, SpineError } from "#core/errors.ts";

/** Listens on the port that was asked for. Throws `input.malformed` with a repair where it cannot be used. */
export async function onGivenPort<Server>(
  port: number,
  option: string,
  listen: (port: number) => Promise<Server>,
): Promise<Server> {
  try {
    return await listen(port);
  } catch (cause) {
    const problem = messageOf(cause);
    const repair = `Give another one with ${option}, or 0 for any free one.`;
    throw new SpineError("input.malformed", `${option}: ${port} cannot be used: ${problem}. ${repair}`, {
      problems: [{ field: option, problem, repair }],
      cause,
    });
  }
}
