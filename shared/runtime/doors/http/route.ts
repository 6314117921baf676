import { SpineError } from "#core/errors.ts";
import type { Right } from "#core/rights.ts";

export const Resource = {
  events: "events",
  state: "state",
  explanation: "explanation",
  decision: "decision",
  view: "view",
  commits: "commits",
  scores: "scores",
  ask: "ask",
  signals: "signals",
  commands: "commands",
  forks: "forks",
  correlations: "correlations",
  sessions: "sessions",
  questions: "questions",
} as const;
export type Resource = (typeof Resource)[keyof typeof Resource];

/** What can be done with each resource. */
export const METHODS: Readonly<Record<Resource, readonly string[]>> = {
  events: ["GET", "POST"],
  state: ["GET"],
  explanation: ["GET"],
  decision: ["GET"],
  view: ["GET"],
  commits: ["GET"],
  scores: ["GET"],
  ask: ["POST"],
  signals: ["POST"],
  commands: ["POST"],
  forks: ["POST"],
  correlations: ["POST"],
  sessions: ["GET"],
  questions: ["GET"],
};

/** What a caller needs for it. */
export const rightFor = ({ resource }: Route, method: string): Right => {
  switch (resource) {
    case Resource.events:
      return method === "POST" ? "send" : "read";
    case Resource.signals:
      return "send";
    case Resource.ask:
      return "answer";
    case Resource.commands:
    case Resource.forks:
      return "command";
    case Resource.state:
    case Resource.explanation:
    case Resource.decision:
    case Resource.view:
    case Resource.commits:
    case Resource.scores:
    case Resource.correlations:
    case Resource.sessions:
    case Resource.questions:
      return "read";
  }
};

export interface Route {
  readonly resource: Resource;
  readonly session: string;
  /** What of the session is meant: a question, a sequence or a task. */
  readonly part: string;
}

const ROUTES: readonly (readonly [RegExp, Resource])[] = [
  [/^\/sessions\/([^/]+)\/events$/, Resource.events],
  [/^\/sessions\/([^/]+)\/state$/, Resource.state],
  [/^\/sessions\/([^/]+)\/explain$/, Resource.explanation],
  [/^\/sessions\/([^/]+)\/decisions\/([^/]+)$/, Resource.decision],
  [/^\/sessions\/([^/]+)\/tasks\/([^/]+)\/view$/, Resource.view],
  [/^\/sessions\/([^/]+)\/commits$/, Resource.commits],
  [/^\/sessions\/([^/]+)\/scores$/, Resource.scores],
  [/^\/sessions\/([^/]+)\/asks\/([^/]+)$/, Resource.ask],
  [/^\/sessions\/([^/]+)\/signals$/, Resource.signals],
  [/^\/sessions\/([^/]+)\/commands$/, Resource.commands],
  [/^\/sessions\/([^/]+)\/forks$/, Resource.forks],
  // Of no session: by what it says one is found.
  [/^\/correlations$/, Resource.correlations],
  [/^\/sessions$/, Resource.sessions],
  [/^\/questions$/, Resource.questions],
];

/** All paths, for a reader who took a wrong one. */
export const PATHS = [
  "/sessions/{session}/events",
  "/sessions/{session}/state",
  "/sessions/{session}/explain",
  "/sessions/{session}/decisions/{sequence}",
  "/sessions/{session}/tasks/{task}/view",
  "/sessions/{session}/commits",
  "/sessions/{session}/scores",
  "/sessions/{session}/asks/{ask}",
  "/sessions/{session}/signals",
  "/sessions/{session}/commands",
  "/sessions/{session}/forks",
  "/correlations",
  "/sessions",
  "/questions",
] as const;

export function routeOf(path: string): Route | undefined {
  for (const [pattern, resource] of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return { resource, session: decoded(match[1] ?? "", "session"), part: decoded(match[2] ?? "", resource) };
  }
  return undefined;
}

function decoded(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    const problem = `"${text}" is not percent-encoded UTF-8`;
    const repair = "Encode the name as encodeURIComponent does.";
    throw new SpineError("id.invalid", `${field}: ${problem}. ${repair}`, {
      problems: [{ field, problem, repair }],
      cause,
    });
  }
}
