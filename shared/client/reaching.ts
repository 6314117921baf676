import { messageOf } from "#core/errors.ts";
import type { Call } from "./call.ts";
import type { StreamCall } from "./stream-call.ts";
import { TargetError } from "./usage-error.ts";

/** A spine that commands talk to. */
export interface Target {
  /** In words, for messages. */
  readonly where: string;
  readonly call: Call;
  /** Opens streams of sessions' events. @default the target has none */
  readonly stream?: StreamCall;
  /** Reaches the function for operators, which also tells how the spine does. @default `call` does */
  readonly operator?: Call;
  /** Where requests need no signature: of a spine on this machine. */
  readonly url?: string;
  readonly prefix: string;
  /** It has no functions that could be called beside the API. */
  readonly inProcess?: true;
  /** What clients of the SDK read to reach its resources, beside what the process has. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A call that nobody answers says so, in the user's terms. */
export function reaching(where: string, call: Call): Call;
export function reaching(where: string, call: StreamCall): StreamCall;
export function reaching<Asked, Answer>(where: string, call: (request: Asked) => Promise<Answer>) {
  return async (request: Asked): Promise<Answer> => {
    try {
      return await call(request);
    } catch (error) {
      if (error instanceof TargetError) throw error;
      // fetch says "fetch failed" and keeps the reason as its cause.
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new TargetError(`${where} does not answer: ${messageOf(cause)}.`, { cause: error });
    }
  };
}
