import { storedSchema } from "#core/flow/stored-schema.ts";
import type { Json } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { jsonResponse, type HttpRequest } from "#runtime/doors/http/http-message.ts";
import type { InProcessSpine } from "#testing/index.ts";
import type { SessionRow } from "#console/model/session-row.ts";
import { MORNING } from "./desk.ts";

/** A list that does not come from a log: so many more rows. */
export interface MadeRows {
  rows: readonly SessionRow[];
}

export const madeRow = (index: number): SessionRow => ({
  session: `made-${index}`,
  state: index % 3 === 0 ? "waiting" : "idle",
  sequence: index,
  startedAt: MORNING - index,
  lastAt: MORNING - index,
  flows: [{ name: "visit", runs: 1 }],
  ...(index % 50 === 0 && { problem: { kind: "late", step: "plan/1" } }),
});

/**
 * The reads over all sessions, in the shapes that the HTTP API gives them, of a spine in this process: told from its logs. What the
 * ingress itself answers stays its own.
 */
export function withAgreedReads(
  spine: InProcessSpine,
  handle: HttpIngress,
  made: MadeRows = { rows: [] },
): HttpIngress {
  const own = async (request: HttpRequest) => {
    if (request.method === "GET" && request.path === "/sessions") return sessions(spine, request, made);
    if (request.method === "GET" && request.path === "/questions") return questions(spine);
    if (request.method === "GET" && request.path === "/health") return jsonResponse(200, HEALTH);
    if (request.method === "GET" && request.path === "/dead-letters")
      return jsonResponse(200, { letters: LETTERS });
    return undefined;
  };
  return async (request) => {
    const answer = await handle(request);
    return answer.status === 404 ? ((await own(request)) ?? answer) : answer;
  };
}

async function keys(spine: InProcessSpine) {
  const log = spine.engine.log as unknown as { sessions(): Promise<readonly { readonly session: string }[]> };
  return (await log.sessions()).map(({ session }) => spine.key(session));
}

async function rowsOf(spine: InProcessSpine): Promise<readonly SessionRow[]> {
  const rows: SessionRow[] = [];
  for (const key of await keys(spine)) {
    const [state, events, commits] = await Promise.all([
      spine.reader.current(key),
      spine.reader.events(key),
      spine.reader.commitsAfter(key, 0, 10_000),
    ]);
    const live = Object.values(state.runs).filter(
      ({ status }) => status !== undefined && "dueAt" in { status },
    );
    void live;
    const asked = open(events, "HumanAsked", ["HumanAnswered", "HumanExpired"]);
    const waits = open(events, "WaitStarted", ["WaitSatisfied", "WaitExpired"]);
    const problem = events.findLast(({ type }) => type === "RunFailed" || type === "FallbackTaken");
    const until = [asked, waits].map((event) =>
      event !== undefined && "dueAt" in event.data ? event.data.dueAt : 0,
    );
    const usage = events.flatMap(({ data }) =>
      "usage" in data && data.usage !== undefined ? [data.usage] : [],
    );
    const ended =
      events.at(-1)?.type === "RunCompleted" || events.some(({ type }) => type === "RunCompleted");
    rows.push({
      session: key.session,
      state:
        state.status === "stopped"
          ? "stopped"
          : asked
            ? "asking"
            : waits
              ? "waiting"
              : ended
                ? "idle"
                : "running",
      sequence: state.sequence,
      startedAt: commits[0]?.seen.now ?? 0,
      lastAt: commits.at(-1)?.seen.now ?? 0,
      flows: [{ name: "visit", flow: "hash", runs: ended ? 0 : 1 }],
      ...(asked && { waitsFor: { kind: "person" as const, name: "human", until: until[0] ?? 0 } }),
      ...(!asked &&
        waits && { waitsFor: { kind: "event" as const, name: "ParcelArrived", until: until[1] ?? 0 } }),
      agents: [
        ...new Set(
          events.flatMap(({ data }) =>
            "agent" in data && typeof data.agent === "string" ? [data.agent] : [],
          ),
        ),
      ],
      ...(problem && {
        problem: { kind: problem.type === "RunFailed" ? "failed" : "fallback", at: problem.sequence },
      }),
      tokens: usage.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
      money: usage.reduce((sum, { money = 0 }) => sum + money, 0),
    });
  }
  return rows;
}

function open(
  events: readonly RecordedEvent[],
  begins: string,
  ends: readonly string[],
): RecordedEvent | undefined {
  const stepOf = ({ data }: RecordedEvent): string => ("step" in data ? String(data.step) : "");
  return events.find(
    (event) =>
      event.type === begins &&
      !events.some(
        (other) =>
          ends.includes(other.type) && stepOf(other) === stepOf(event) && other.sequence > event.sequence,
      ),
  );
}

async function sessions(spine: InProcessSpine, { query }: HttpRequest, made: MadeRows) {
  const all = [...(await rowsOf(spine)), ...made.rows].sort((one, other) => other.lastAt - one.lastAt);
  const wanted = all.filter(
    (row) =>
      (query["state"] === undefined || row.state === query["state"]) &&
      (query["problem"] === undefined ||
        row.problem?.kind === query["problem"] ||
        (row.problem !== undefined && query["problem"] === "any")) &&
      (query["filter"] === undefined ||
        (row.money ?? 0) > Number(/^money > ([\d.]+)$/.exec(query["filter"])?.[1] ?? Infinity)),
  );
  const [from, limit] = [Number(query["cursor"] ?? 0), Number(query["limit"] ?? 50)];
  const next = from + limit;
  const link = `</sessions?cursor=${next}>; rel="next"`;
  return jsonResponse(
    200,
    { sessions: wanted.slice(from, next), scanned: all.length },
    next < wanted.length ? { link } : {},
  );
}

async function questions(spine: InProcessSpine) {
  const found: { readonly dueAt: number }[] = [];
  for (const key of await keys(spine)) {
    const events = await spine.reader.events(key);
    const asked = open(events, "HumanAsked", ["HumanAnswered", "HumanExpired"]);
    if (asked?.type !== "HumanAsked") continue;
    const { ask, question, dueAt, step } = asked.data;
    const schema = schemaOf(spine, question);
    found.push({
      ...{ session: key.session, ask, question, dueAt, askedAt: asked.sequence, flow: "visit", step },
      ...(schema !== undefined && { schema }),
    } as { readonly dueAt: number });
  }
  return jsonResponse(200, { questions: found.sort((one, other) => one.dueAt - other.dueAt) });
}

/** The schema of the answers to a question, as JSON. */
function schemaOf(spine: InProcessSpine, question: string): Json | undefined {
  const schema = spine.application.answerSchema(question);
  return schema === undefined ? undefined : storedSchema(schema);
}

const HEALTH = {
  at: 0,
  agents: [
    {
      agent: "triage",
      lane: "normal",
      answers: 412,
      failures: 0,
      p50Ms: 940,
      p99Ms: 2_100,
      breaker: "closed",
      queue: { visible: 0, oldestMs: 0 },
      deadLetters: 0,
    },
    {
      agent: "calendar",
      lane: "normal",
      answers: 198,
      failures: 7,
      p50Ms: 1_420,
      p99Ms: 8_300,
      breaker: "half-open",
      queue: { visible: 3, oldestMs: 4_200 },
      deadLetters: 0,
    },
    {
      agent: "quotes",
      lane: "normal",
      answers: 160,
      failures: 61,
      p50Ms: 3_900,
      p99Ms: 19_000,
      breaker: "open",
      queue: { visible: 12, oldestMs: 61_000 },
      deadLetters: 2,
    },
  ],
  queues: [
    { name: "inbox", visible: 0, oldestMs: 0, deadLetters: 0 },
    { name: "answers", visible: 1, oldestMs: 300, deadLetters: 0 },
    { name: "deadlines", visible: 41, oldestMs: 0, deadLetters: 0 },
  ],
};
const LETTERS = [
  {
    letter: "2026-11-23/agent-quotes/0f3a",
    queue: "agent-quotes",
    state: "recorded",
    session: { tenant: "local", session: "roof-0815" },
    reason: "received 3 times",
  },
];
