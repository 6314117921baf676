import { isSpineError } from "#core/errors.ts";
import type { Engine } from "./engine.ts";

/** Gives `otherwise` where retention has ended the session: what comes so late is told, counted, and changes nothing. */
export async function unlessExpired<T>(
  { onTrouble }: Pick<Engine, "onTrouble">,
  what: string,
  work: () => Promise<T>,
  otherwise: T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSpineError(error, "session.expired")) throw error;
    onTrouble?.(error, what);
    return otherwise;
  }
}
