import { ApiError } from "../api-error.ts";
import { TargetError } from "../usage-error.ts";
import { A2aError } from "./a2a-error.ts";

/** What is the message's fault, by the status of the spine's refusal. */
const MESSAGE_FAULT: ReadonlySet<number> = new Set([400, 413, 422]);
const NOT_FOUND: ReadonlySet<number> = new Set([404, 410]);
const CONFLICT = 409;

/** What the spine refused, in A2A's words. What else fails keeps its cause for whoever runs the gateway. */
export function toA2aError(error: unknown): A2aError {
  if (error instanceof A2aError) return error;
  if (error instanceof TargetError) return new A2aError("INTERNAL_ERROR", error.message);
  if (!(error instanceof ApiError)) return new A2aError("INTERNAL_ERROR", "The gateway failed.");
  const { status, code, message } = error;
  if (MESSAGE_FAULT.has(status) || code === "input.conflict") return new A2aError("INVALID_PARAMS", message);
  if (NOT_FOUND.has(status)) return new A2aError("TASK_NOT_FOUND", message);
  if (status === CONFLICT) return new A2aError("UNSUPPORTED_OPERATION", message);
  return new A2aError("INTERNAL_ERROR", message);
}

/** Whether the refusal tells nothing that whoever runs the gateway would need to look for. */
export const isExpected = (error: unknown): boolean =>
  error instanceof A2aError || error instanceof ApiError || error instanceof TargetError;
