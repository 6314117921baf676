import type { Context } from "aws-lambda";
import { refusalOf, type ProgressResponse } from "#aws/lambda/door-protocol.ts";
import type { Observer } from "#aws/observe/observe.ts";
import { depthProblem, MESSAGE_DEPTH } from "#core/json-form.ts";
import { isJsonObject } from "#core/json.ts";
import { problemError } from "#core/errors.ts";
import type { ServedProgressDoor } from "#runtime/doors/create-progress-door.ts";

/** Takes what agents say. Whatever a caller sends is answered; nothing is thrown. */
export function createProgressResponder(door: ServedProgressDoor, observer: Observer) {
  return (event: unknown, context: Context): Promise<ProgressResponse> =>
    observer.invocation(context, {}, async () => {
      try {
        const request = isJsonObject(event) ? event : {};
        const problem = depthProblem(request, "request", MESSAGE_DEPTH);
        if (problem !== undefined) throw problemError("answer.malformed", problem);
        await door.progress(request["proof"], request["record"]);
        return { ok: true };
      } catch (error) {
        observer.onTrouble(error, "what an agent says");
        return { ok: false, error: refusalOf(error) };
      }
    });
}
