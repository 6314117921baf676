import type { SessionsQuery } from "#client/client.ts";
import { isoTime } from "#core/session/iso-time.ts";
import type { SessionRow } from "#core/session/summary/summary.ts";
import { SPINE_COMMAND } from "#client/spine-command.ts";
import { defineCommand } from "../command.ts";
import { readWhole } from "../read-values.ts";
import { table } from "../tables.ts";

/** Lists sessions, the newest first. */
export const sessions = defineCommand({
  name: "sessions",
  usage: "[--state STATE] [--flow NAME] [--problem KIND] [--filter CEL] [--limit N] [--json]",
  about:
    "lists the sessions, the newest first: with STATE running, waiting, asking, idle, stopped or ended, with any problem (`any`) or one kind, or for which a condition holds",
  positionals: { required: [] },
  options: {
    state: { type: "string" },
    flow: { type: "string" },
    problem: { type: "string" },
    filter: { type: "string" },
    limit: { type: "string" },
    cursor: { type: "string" },
    json: { type: "boolean", default: false },
  },
  prepare({ limit, json, state, flow, problem, filter, cursor }) {
    const given = { state, flow, problem, filter, cursor };
    const query: SessionsQuery = {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...(limit !== undefined && { limit: readWhole("--limit", limit) }),
    };
    return async ({ client, print }) => {
      const page = await client.sessions(query);
      if (json) return print(JSON.stringify(page, undefined, 2));
      if (page.sessions.length > 0) print(table(page.sessions.map(cellsOf)).join("\n"));
      const { length } = page.sessions;
      print(`${length} of ${page.scanned} sessions that were looked at.`);
      if (page.next !== undefined)
        print(`There are more: ${SPINE_COMMAND} sessions ${optionsOf({ ...query, cursor: page.next })}`);
    };
  },
});

function cellsOf({
  session,
  state,
  lastAt,
  flows,
  waitsFor,
  problem,
  tokens,
}: SessionRow): readonly string[] {
  const waits = waitsFor && `${waitsFor.kind} ${waitsFor.name}${until(waitsFor.until)}`;
  const wrong = problem && `${problem.kind}${problem.step === undefined ? "" : ` at ${problem.step}`}`;
  return [
    session,
    state,
    isoTime(lastAt),
    flows.map(({ name, runs }) => (runs > 0 ? `${name} (${runs})` : name)).join(", "),
    waits ?? "",
    wrong ?? "",
    tokens > 0 ? `${tokens} tokens` : "",
  ];
}

const until = (ms: number | undefined): string => (ms === undefined ? "" : ` until ${isoTime(ms)}`);

const optionsOf = (query: SessionsQuery): string =>
  Object.entries(query)
    .map(([name, value]) => `--${name} '${String(value).replaceAll("'", `'\\''`)}'`)
    .join(" ");
