import type { Json } from "#core/json.ts";
import { AwsError } from "../http/service-error.ts";
import { StatesError } from "./states-error.ts";

/** Of an execution's input, and of what goes from state to state. */
const MAX_BYTES = 262_144;

/** Ends an execution, and no Retry or Catch sees it. */
export const DATA_LIMIT = "States.DataLimitExceeded";

/** Refuses a text that is longer than a state may be given. */
export function requireStateData(text: string, code: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return;
  throw new AwsError(
    code,
    `Invalid State Machine Execution Input: ${bytes} bytes; at most ${MAX_BYTES} are taken.`,
  );
}

/** As AWS: a state's input or result over the limit ends the execution. */
export function requireDataOf(state: string, data: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= MAX_BYTES) return;
  const cause = `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  throw new StatesError(DATA_LIMIT, cause);
}
