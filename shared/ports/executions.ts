import type { JsonObject } from "#core/json.ts";

/**
 * Starts executions of one state machine, each once by its name (at most 80 letters, digits, - and _). Starting one that
 * runs already with the same input is `running` too; `closed` says that the name was used before, by an execution that
 * ended or that has another input. Broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface Executions {
  start(name: string, input: JsonObject): Promise<"running" | "closed">;
}
