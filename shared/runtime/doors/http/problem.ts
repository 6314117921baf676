import { isSpineError, type Problem, type SpineError, type SpineErrorCode } from "#core/errors.ts";
import { boundedProblems, boundedText } from "#core/problems.ts";
import type { Right } from "#core/rights.ts";
import type { KnownCaller } from "../read-event.ts";
import type { HttpResponse } from "./http-message.ts";

/** What a caller can do something about; every other code is a fault of ours: 500. */
const STATUS: Partial<Record<SpineErrorCode, number>> = {
  "id.invalid": 400,
  "input.malformed": 400,
  "session.unknown": 404,
  "task.unknown": 404,
  "input.conflict": 409,
  "input.ordinal": 409,
  "input.rejected": 409,
  "task.settled": 409,
  "run.ended": 409,
  "question.closed": 409,
  "session.stopped": 409,
  "session.expired": 410,
  "input.too-large": 413,
  "commit.too-large": 413,
  "context.too-large": 413,
  "context.too-many-paths": 413,
  "input.unknown-type": 422,
  "input.schema": 422,
  "signal.undeclared": 422,
  "session.unreadable": 423,
  "log.corrupt": 423,
  "session.full": 429,
  "tenant.over-quota": 429,
  "session.contended": 503,
  "log.unavailable": 503,
  "log.other-version": 503,
  "secret.unavailable": 503,
};

const TITLE: Readonly<Record<number, string>> = {
  400: "The request cannot be read",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict with the session's state",
  410: "The session has expired",
  413: "Too large",
  415: "Unsupported content type",
  422: "The event cannot be accepted",
  423: "The session's log cannot be read",
  429: "Too many requests",
  500: "Internal error",
  503: "Temporarily unavailable",
};
const RETRY_SECONDS = 1;

export interface ProblemOptions {
  /** Names the kind of problem in its `type`, a stable URN. */
  readonly code: string;
  readonly detail: string;
  /** @default one, made of code and detail */
  readonly problems?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error as RFC 9457 describes it, with the spine's own `problems`: field, problem, repair. */
export function problemResponse(status: number, options: ProblemOptions): HttpResponse {
  const { code, problems = [], headers = {} } = options;
  const detail = boundedText(options.detail);
  const [field = code] = code.split(".", 1);
  const general = { field, problem: detail, repair: `See ${code} in docs/errors.md.` };
  const body = {
    type: `urn:event-spine:problem:${code}`,
    title: TITLE[status] ?? TITLE[500],
    status,
    detail,
    problems: boundedProblems(problems.length > 0 ? problems : [general]),
  };
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}

/** The caller is known, and lacks a right that its tenant's operator could give it. */
export function notAllowed({ source }: Pick<KnownCaller, "source">, right: Right): HttpResponse {
  const problem = `lacks the right "${right}"`;
  const repair = `Add it to the rights of ${source} in the deployment.`;
  return problemResponse(403, {
    code: "caller.not-allowed",
    detail: `${source} ${problem}. ${repair}`,
    problems: [{ field: "caller", problem, repair }],
  });
}

/** The path is right, and the deployment keeps no list of its sessions. */
export const unlisted = (): HttpResponse => {
  const problem = "are not listed in this deployment";
  const repair = "Deploy it with `sessionIndex: true`, then rebuild the list with `spine rebuild-index`.";
  return problemResponse(404, {
    code: "http.path",
    detail: `Sessions ${problem}. ${repair}`,
    problems: [{ field: "sessions", problem, repair }],
  });
};

/** The path is right, and nothing is scored in the deployment. */
export const unscored = (): HttpResponse => {
  const problem = "are not kept in this deployment";
  const repair = "Deploy it with `scorers`.";
  return problemResponse(404, {
    code: "http.path",
    detail: `Scores ${problem}. ${repair}`,
    problems: [{ field: "scores", problem, repair }],
  });
};

/** IAM knows the caller, and the deployment does not. */
export const unknownCaller = (): HttpResponse =>
  problemResponse(403, {
    code: "caller.unknown",
    detail: "Your IAM principal belongs to no tenant. Add it to the deployment's tenants.",
    problems: [
      {
        field: "caller",
        problem: "belongs to no tenant",
        repair: "Add its principal to the deployment's tenants.",
      },
    ],
  });

/** The one mapping of what went wrong to HTTP. What is unknown says nothing of its inside. */
export function problemOf(error: unknown): HttpResponse {
  if (!isSpineError(error)) {
    return problemResponse(500, {
      code: "internal",
      detail:
        "The request failed with an internal error. Anything that was accepted is in the session's log.",
    });
  }
  const status = STATUS[error.code] ?? 500;
  const again = error.retryable || status === 503 || status === 429;
  return problemResponse(status, {
    code: error.code,
    detail: error.message,
    problems: error.problems,
    ...(again && { headers: { "retry-after": String(secondsOf(error.details["retryAfterMs"])) } }),
  });
}

/** Whole seconds, one at least, as the header wants them. */
const secondsOf = (ms: SpineError["details"][string] | undefined): number =>
  typeof ms === "number" ? Math.max(RETRY_SECONDS, Math.ceil(ms / 1_000)) : RETRY_SECONDS;
