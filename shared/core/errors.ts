import { boundedProblems, boundedText, type Problem } from "./problems.ts";

/** The kinds of failure, as a closed list: match on the code, since errors cross queues and bundles. */
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
  | "signal.undeclared"
  | "answer.malformed"
  | "answer.schema"
  | "answer.too-large"
  | "agent.failed"
  | "agent.timeout"
  | "agent.unavailable"
  | "effect.in-doubt"
  | "effect.undeclared"
  | "budget.exhausted"
  | "step.timeout"
  | "join.unanswered"
  | "run.timeout"
  | "run.cancelled"
  | "run.ended"
  | "question.closed"
  | "reply.none"
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
  | "notice.rejected"
  | "setting.invalid"
  | "internal";

export type { Problem };

export interface SpineErrorOptions {
  readonly retryable?: boolean;
  /** @default one, made of code and message */
  readonly problems?: readonly Problem[];
  /**
   * For authors of flows and contracts, who see the complete error: nothing sent from outside can make it longer.
   * @default false
   */
  readonly whole?: boolean;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * The one error type of the spine. `retryable` says whether the same call may succeed later. Message and problems are bounded
 * (`MAX_ERROR_CHARACTERS`, `MAX_PROBLEMS`), whatever was sent: they go to callers, logs, letters and sessions' logs.
 *
 * @example
 * const refused = new SpineError("agent.failed", "The calendar does not answer.", { retryable: true });
 */
export class SpineError extends Error {
  override readonly name = "SpineError";
  readonly code: SpineErrorCode;
  readonly retryable: boolean;
  readonly problems: readonly Problem[];
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: SpineErrorCode, message: string, options: SpineErrorOptions = {}) {
    const { whole = false } = options;
    super(
      whole ? message : boundedText(message),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.retryable = options.retryable ?? false;
    const { problems = [] } = options;
    const all = problems.length > 0 ? problems : [inGeneral(code, message)];
    this.problems = whole ? all : boundedProblems(all);
    this.details = options.details ?? {};
  }
}

/** An error with one problem, which its message contains completely. */
export function problemError(code: SpineErrorCode, problem: Problem): SpineError {
  return new SpineError(code, `${problem.field} ${problem.problem}. ${problem.repair}`, {
    problems: [problem],
  });
}

/** For errors without a field of their own, so that every error has a problem. */
function inGeneral(code: SpineErrorCode, message: string): Problem {
  const [field = code] = code.split(".", 1);
  return { field, problem: message, repair: `See ${code} in docs/errors.md.` };
}

/**
 * Recognises a spine error by shape, even if it came from another bundle.
 *
 * @example
 * await spine.ask("GreetingAsked", { who: "Ada" }).catch((error: unknown) => {
 *   if (isSpineError(error, "session.stopped")) return "The session was stopped.";
 *   throw error;
 * });
 */
export function isSpineError(error: unknown, code?: SpineErrorCode): error is SpineError {
  if (!(error instanceof Error) || error.name !== "SpineError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** Makes a switch exhaustive: an unhandled variant does not compile. */
export function assertNever(value: never, what: string): never {
  throw new SpineError("internal", `Unhandled ${what}: ${JSON.stringify(value)}`);
}

/**
 * The message of a thrown value, whatever it is and however long: agents and libraries throw anything. A text that is not JSON
 * is not quoted: the platform's own message does so, and it goes into logs.
 */
export function messageOf(error: unknown): string {
  return boundedText(wordsOf(error));
}

function wordsOf(error: unknown): string {
  try {
    if (error instanceof SyntaxError && NO_JSON.test(error.message)) return "The text is not valid JSON.";
    if (error instanceof Error) return String(error.message);
    if (typeof error !== "object" || error === null) return String(error);
    const { message } = error as { readonly message?: unknown }; // read as unknown
    return typeof message === "string" ? message : (JSON.stringify(error) ?? NO_WORDS);
  } catch {
    return NO_WORDS;
  }
}

const NO_JSON = /JSON/;
const NO_WORDS = "It threw a value that cannot be serialized.";
