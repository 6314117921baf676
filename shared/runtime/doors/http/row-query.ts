import { evaluate, isTrue } from "#core/condition.ts";
import { programOf } from "#core/condition-program.ts";
import { problemError } from "#core/errors.ts";
import { PROBLEM_KINDS, type ProblemKind } from "#core/session/summary/outline.ts";
import { SESSION_STATES, type SessionRow, type ShownSessionState } from "#core/session/summary/summary.ts";
import type { RowsOf } from "#ports/session-index.ts";
import type { HttpRequest } from "./http-message.ts";

/** Which rows a request asks for: those of one list of the index that its other conditions hold for. */
export interface AskedRows {
  readonly of: RowsOf;
  /** Whether what is read is a row that is asked for; absent where every one is. */
  readonly isMeant?: (row: SessionRow) => boolean;
  readonly limit: number;
  readonly before?: string;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** What stands for every kind of problem. */
const ANY = "any";

/** The time that a row's `lastAt` has, and a session's name: `orderOf` a row. */
const CURSOR = /^\d{15}\/[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
const FLOW = /^[a-z][a-z0-9_-]{0,31}$/;

/** The names that a filter may use: what a row may have, and the time. */
const NAMES = [
  "session",
  "state",
  "sequence",
  "startedAt",
  "lastAt",
  "flows",
  "waitsFor",
  "agents",
  "problem",
  "tokens",
  "money",
  "now",
] as const satisfies readonly (keyof SessionRow | "now")[];

/** Reads the query of a list of sessions. Throws `input.malformed`, naming the field. */
export function readRowQuery({ query }: Pick<HttpRequest, "query">, now: number): AskedRows {
  const states = readNames(query, "state", SESSION_STATES);
  const problems =
    query["problem"] === ANY ? PROBLEM_KINDS : readNames(query, "problem", PROBLEM_KINDS, ` or "${ANY}"`);
  const flow = readText(query, "flow", FLOW, "is no flow's name", "Give the name of a flow.");
  const filter = readFilter(query["filter"], now);
  const before = readText(query, "cursor", CURSOR, "is no cursor", "Take it from the link of the last page.");
  const tests = [
    filter,
    problems !== undefined && states !== undefined && ((row: SessionRow) => states.includes(row.state)),
    flow !== undefined &&
      problems !== undefined &&
      ((row: SessionRow) => row.flows.some(({ name }) => name === flow)),
    flow !== undefined &&
      problems === undefined &&
      states !== undefined &&
      ((row: SessionRow) => states.includes(row.state)),
  ].filter((test) => typeof test === "function");
  return {
    of: listOf(states, problems, flow),
    limit: readLimit(query["limit"]),
    ...(before !== undefined && { before }),
    ...(tests.length > 0 && { isMeant: (row) => tests.every((test) => test(row)) }),
  };
}

/** The shortest list that has them all, as far as one can tell. */
function listOf(
  states: readonly ShownSessionState[] | undefined,
  problems: readonly ProblemKind[] | undefined,
  flow: string | undefined,
): RowsOf {
  if (problems !== undefined) return { problems };
  return flow === undefined ? { states: states ?? SESSION_STATES } : { flow };
}

type Query = HttpRequest["query"];

function readNames<Name extends string>(
  query: Query,
  field: string,
  known: readonly Name[],
  also = "",
): readonly Name[] | undefined {
  const text = query[field];
  if (text === undefined) return undefined;
  const given = text.split(",").map((name) => name.trim());
  const found = known.filter((name) => given.includes(name));
  const wrong = given.find((name) => !known.some((one) => one === name));
  if (wrong === undefined) return found;
  throw problemError("input.malformed", {
    field,
    problem: `"${wrong}" is unknown`,
    repair: `Give one of ${known.join(", ")}${also}, or several with commas between them.`,
  });
}

function readText(
  query: Query,
  field: string,
  pattern: RegExp,
  problem: string,
  repair: string,
): string | undefined {
  const text = query[field];
  if (text === undefined || pattern.test(text)) return text;
  throw problemError("input.malformed", { field, problem: `"${text}" ${problem}`, repair });
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw problemError("input.malformed", {
    field: "limit",
    problem: `"${text}" is no number of sessions`,
    repair: `Give a whole number from 1 to ${MAX_LIMIT}.`,
  });
}

function readFilter(text: string | undefined, now: number): ((row: SessionRow) => boolean) | undefined {
  if (text === undefined) return undefined;
  const program = programOf(text);
  if (!program.ok)
    throw problemError("input.malformed", {
      field: "filter",
      problem: program.problem,
      repair: 'Write a condition in CEL, such as state == "waiting" && tokens > 1000.',
    });
  const roots = program.paths.map((path) => path.split(/[.[]/, 1)[0] ?? path);
  const unknown = roots.find((root) => !NAMES.some((name) => name === root));
  if (unknown !== undefined)
    throw problemError("input.malformed", {
      field: "filter",
      problem: `"${unknown}" is nothing that a row has`,
      repair: `Use ${NAMES.join(", ")}.`,
    });
  // A row is JSON; where it has no problem and waits for nothing, what asks for them without `has` does not hold.
  return (row) => isTrue(evaluate(text, { ...(row as unknown as Parameters<typeof evaluate>[1]), now }));
}
