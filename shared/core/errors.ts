/** What went wrong, as a closed list: match on the code, since errors cross queues and bundles. */
export type SpineErrorCode =
  | "input.malformed"
  | "input.unknown-type"
  | "input.schema"
  | "input.too-large"
  | "input.conflict"
  | "input.ordinal"
  | "input.rejected"
  | "id.invalid"
  | "contract.invalid"
  | "flow.invalid"
  | "condition.failed"
  | "task.unknown"
  | "task.token"
  | "task.view"
  | "task.settled"
  | "answer.malformed"
  | "answer.schema"
  | "answer.too-large"
  | "agent.failed"
  | "agent.timeout"
  | "agent.unavailable"
  | "effect.in-doubt"
  | "budget.exhausted"
  | "step.timeout"
  | "run.timeout"
  | "run.cancelled"
  | "session.stopped"
  | "session.timeout"
  | "session.unreadable"
  | "session.contended"
  | "session.unknown"
  | "session.expired"
  | "session.full"
  | "tenant.over-quota"
  | "context.too-large"
  | "context.too-many-paths"
  | "commit.too-large"
  | "log.unavailable"
  | "log.corrupt"
  | "log.other-version"
  | "secret.unavailable"
  | "queue.rejected"
  | "internal";

/** What a reader needs to repair the cause: which field, what is wrong with it, what to do. */
export interface Problem {
  readonly field: string;
  readonly problem: string;
  readonly repair: string;
}

export interface SpineErrorOptions {
  readonly retryable?: boolean;
  readonly problems?: readonly Problem[];
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** The one error type of the spine. `retryable` says whether the same call may succeed later. */
export class SpineError extends Error {
  override readonly name = "SpineError";
  readonly code: SpineErrorCode;
  readonly retryable: boolean;
  readonly problems: readonly Problem[];
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: SpineErrorCode, message: string, options: SpineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
  }
}

/** Recognises a spine error by shape, also one that came from another bundle. */
export function isSpineError(error: unknown, code?: SpineErrorCode): error is SpineError {
  if (!(error instanceof Error) || error.name !== "SpineError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** Closes a switch: a variant that nobody handles does not compile. */
export function assertNever(value: never, what: string): never {
  throw new SpineError("internal", `Unhandled ${what}: ${JSON.stringify(value)}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
