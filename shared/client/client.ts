import * as z from "zod/mini";
import type { SessionKey } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { ComparedViews } from "#core/session/compare-views.ts";
import type { ExplainedDecision, Writers } from "#core/session/explain-decision.ts";
import type { Forked } from "#core/session/fork/fork-plan.ts";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { RecordedCommit, RecordedSession } from "#core/session/recorded-session.ts";
import { RECORDED_FORMAT } from "#core/session/recorded-format.ts";
import type { ShownState } from "#core/session/shown.ts";
import type { SessionRow } from "#core/session/summary/summary.ts";
import type { FoundQuestion } from "#runtime/doors/http/find-questions.ts";
import { apiError } from "./api-error.ts";
import { askAgain, type RetryPolicy } from "./ask-again.ts";
import type { ApiAnswer, ApiRequest, Call } from "./call.ts";
import { followEvents, type FollowOptions } from "./follow-events.ts";
import { nextIn } from "./next-in.ts";
import { pause } from "./abortable-pause.ts";
import { readScores } from "./read-scores.ts";
import type { StreamCall } from "./stream-call.ts";
import type { SpineHealth } from "#runtime/health/create-health-report.ts";
import type { LetterPage } from "#runtime/letters/list-letters.ts";

/** An event to send, as docs/http.md has it. Its id makes sending it again harmless. */
export type OutgoingEvent = JsonObject & { readonly id: string; readonly type: string };

const openQuestion = z.object({ ask: z.string(), question: z.string(), dueAt: z.number() });
export type OpenQuestion = z.infer<typeof openQuestion>;

const accepted = z.object({
  session: z.string(),
  id: z.string(),
  sequence: z.number(),
  disposition: z.optional(z.string()),
  asks: z.optional(z.array(openQuestion)),
  reply: z.optional(
    z.object({ sequence: z.number(), body: z.json(), failed: z._default(z.boolean(), false) }),
  ),
});
export type Accepted = z.infer<typeof accepted>;

const explanation = z.object({
  status: z.string(),
  sequence: z.number(),
  waitsFor: z.array(z.string()),
  asks: z.array(openQuestion),
});
export type Explanation = z.infer<typeof explanation>;

const recordedPage = z.object({
  tenant: z.string(),
  redacted: z.boolean(),
  commits: z.array(z.looseObject({ first: z.number(), last: z.number() })),
});

const digestsFound = z.object({ digests: z.array(z.string()) });

const envelope = z.looseObject({
  sequence: z.coerce.number(),
  type: z.string(),
  time: z.iso.datetime(),
  tenant: z.string(),
  session: z.string(),
  causationid: z.optional(z.coerce.number()),
  data: z.unknown(),
});

/** An event of a session's log, with when it was committed. */
export interface LoggedEvent {
  readonly event: RecordedEvent;
  readonly at: number;
  readonly key: SessionKey;
  /** Sequence of the first event that the same input caused. */
  readonly cause: number | undefined;
  /** The CloudEvent that it came as. */
  readonly envelope: JsonObject;
}

/** A decision of a session, with what it stood on and who wrote that. */
export type DecisionRead = ExplainedDecision & {
  readonly session: string;
  /** When it was committed, ms since the epoch. */
  readonly time: number;
  readonly writers: Writers;
};

/** What an attempt's agent saw beside what is true now, and who wrote what has changed. */
export type ViewRead = ComparedViews & { readonly session: string; readonly writers: Writers };

/** The spine's HTTP API, for programs. A refusal is an `ApiError`. */
export interface SpineClient {
  /** Sends an event; waits for its reply at most `waitMs`. @default not at all */
  send(session: string, event: OutgoingEvent, waitMs?: number): Promise<Accepted>;
  /** Answers an open question; waits for the reply of the run that asked it. */
  answer(session: string, ask: string, given: PersonsAnswer, waitMs?: number): Promise<Accepted>;
  /** Stops the session, or cancels one of its runs. */
  command(session: string, given: OperatorsCommand): Promise<Accepted>;
  /** Begins another session with what this one had as of an event; with `preview: true` only says what that would do. */
  fork(session: string, given: ForkGiven): Promise<Forked>;
  /** The state after event `at`. @default the newest */
  state(session: string, at?: number): Promise<ShownState>;
  /** What the session waits for, and its open questions. */
  explanation(session: string): Promise<Explanation>;
  /** Everything that the input led to which event `sequence` is part of, and why. */
  decision(session: string, sequence: number): Promise<DecisionRead>;
  /** What an attempt of a task saw, beside what is true now. @default the task's newest attempt */
  view(session: string, task: string, attempt?: number): Promise<ViewRead>;
  /** The session's whole log: all that it takes to decide it again. @default personal values read as erased */
  recorded(session: string, options?: { readonly withPersonal?: boolean }): Promise<RecordedSession>;
  /** The scores of the session's replies, in their order, 10,000 at most. A spine without scorers refuses. */
  scores(session: string): Promise<readonly KeptScore[]>;
  /** The same as `eventsAfter`, a page at a time: who has seen enough reads no further. */
  eventPages(session: string, sequence: number): AsyncIterable<readonly LoggedEvent[]>;
  /** The events after a sequence, to the newest. */
  eventsAfter(session: string, sequence: number): Promise<readonly LoggedEvent[]>;
  /**
   * The session's events as they are committed, each once and in order, over streams that resume by themselves; ends with the signal or
   * the iteration. Where the spine has no streams, the log is read again and again.
   */
  follow(session: string, options?: FollowOptions): AsyncIterable<LoggedEvent>;
  /** The sessions that fit, the newest first, a page of them. */
  sessions(query?: SessionsQuery): Promise<SessionsPage>;
  /** Open questions over all sessions, those that are closed first at the beginning, a page of them. */
  questions(cursor?: string): Promise<QuestionsPage>;
  /** How the spine's agents and queues do. Needs `spine.grantOperate(role)`, and the right to read or to operate. */
  health(): Promise<SpineHealth>;
  /** The dead letters of a day (UTC, `2030-01-31`), a page at a time; needs the same. @default today's */
  deadLetters(page?: { readonly day?: string; readonly after?: string }): Promise<LetterPage>;
  /** What log lines may say in the place of a correlation. */
  correlationDigests(correlation: string): Promise<readonly string[]>;
}

/** As docs/http.md has it. */
export interface SessionsQuery {
  /** Names of states, with commas between them. @default any */
  readonly state?: string;
  readonly flow?: string;
  /** Kinds of problems, with commas between them, or `any`. @default with and without */
  readonly problem?: string;
  /** A condition over a row, in CEL. */
  readonly filter?: string;
  /** @default 50 */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface SessionsPage {
  readonly sessions: readonly SessionRow[];
  /** Rows that were read for it. */
  readonly scanned: number;
  /** Where the next page begins; absent at the end. A page may be short, or empty, and have one. */
  readonly next?: string;
}

export interface QuestionsPage {
  readonly questions: readonly FoundQuestion[];
  /** Sessions that ask, of which the soonest are told of. */
  readonly scanned: number;
  readonly next?: string;
}

/** Ways to a spine beside its ingress. */
export interface SpineWays {
  /** Opens streams of sessions' events. @default none: the log is read again and again */
  readonly stream?: StreamCall;
  /** Reaches the function for operators. @default the same call reaches it, as on this machine */
  readonly operator?: Call;
  /** When requests are sent again. @default up to 6 times, where the spine says that it could not take them */
  readonly retries?: RetryPolicy;
  /** Gives up what is under way. @default nobody does */
  readonly signal?: AbortSignal;
}

export interface PersonsAnswer {
  readonly id: string;
  readonly value: Json;
}

/** As docs/http.md has it. */
export type OperatorsCommand = JsonObject & { readonly id: string; readonly type: "stop" | "cancel" };

/** As docs/http.md has it. */
export interface ForkGiven {
  /** The new session. */
  readonly session: string;
  /** The event as of which it begins. @default the newest */
  readonly at?: number;
  /** Other values, by the paths that steps know them by. */
  readonly set?: JsonObject;
  /** An answer to a question that was open then. */
  readonly answer?: { readonly ask: string; readonly value: Json };
  /** Name or hash of a flow of the application whose runs begin anew under it. */
  readonly flow?: string;
  /** Performs effects of the origin again whose agents would see something else. */
  readonly repeatEffects?: boolean;
  readonly preview?: boolean;
}

const OPERATOR = { name: "The operator function", grant: "spine.grantOperate(role)" };
/** A function behind a URL ends after 30 s: a longer wait is several requests, all with the same id. */
const LONGEST_WAIT_S = 20;
const MS_PER_SECOND = 1_000;
/** Who is answered sooner, without a reply, was not held. */
const UNHELD_MS = 500;

/**
 * Makes the client of a spine that a call reaches; a target names its other ways.
 *
 * @example
 * const { call } = await deployedTarget({ prefix: "spine", region: "eu-west-1", ingress: undefined });
 * const accepted = await createSpineClient(call).send("s1", { id: "1", type: "GreetingAsked", data: {} }, 10_000);
 */
export function createSpineClient(
  call: Call,
  { stream, operator = call, retries, signal }: SpineWays = {},
): SpineClient {
  const ask = async (request: ApiRequest): Promise<ApiAnswer> => {
    const answer = await askAgain(call, { ...request, ...(signal !== undefined && { signal }) }, retries);
    if (answer.status >= 300) throw apiError(answer);
    return answer;
  };

  const post = async (path: string, value: unknown, waitMs: number): Promise<Accepted> => {
    const giveUpAt = performance.now() + waitMs;
    for (;;) {
      const askedAt = performance.now();
      const seconds = Math.min(LONGEST_WAIT_S, Math.ceil((giveUpAt - performance.now()) / MS_PER_SECOND));
      const headers = {
        "content-type": "application/json",
        ...(waitMs > 0 && { prefer: `wait=${Math.max(0, seconds)}` }),
      };
      const { body } = await ask({ method: "POST", path, headers, body: JSON.stringify(value) });
      const taken = accepted.parse(JSON.parse(body));
      if (!mayReply(taken) || performance.now() >= giveUpAt) return taken;
      // As many as may be held are: it is asked again, and not all the time.
      if (performance.now() - askedAt < UNHELD_MS) await pause(UNHELD_MS, signal);
    }
  };

  const get = async (path: string): Promise<ApiAnswer> => ask({ method: "GET", path });

  /** What the function for operators tells: as it has it, since both are of one build. */
  const look = async (path: string): Promise<unknown> => {
    const answer = await operator({ method: "GET", path });
    if (answer.status !== 200) throw apiError(answer, OPERATOR);
    return JSON.parse(answer.body);
  };

  async function* eventPages(
    session: string,
    sequence: number,
  ): AsyncGenerator<readonly LoggedEvent[], void> {
    let after = sequence;
    for (let more = true; more;) {
      const { body, headers } = await get(`${pathOf(session, "events")}?after=${after}`);
      const events = z.array(envelope).parse(JSON.parse(body)).map(toLogged);
      after = events.at(-1)?.event.sequence ?? after;
      more = headers["link"] !== undefined;
      yield events;
    }
  }

  const eventsAfter = async (session: string, sequence: number): Promise<readonly LoggedEvent[]> => {
    const events: LoggedEvent[] = [];
    for await (const page of eventPages(session, sequence)) events.push(...page);
    return events;
  };

  return {
    send: (session, event, waitMs = 0) => post(pathOf(session, "events"), event, waitMs),
    answer: (session, askId, given, waitMs = 0) => post(pathOf(session, "asks", askId), given, waitMs),
    command: (session, given) => post(pathOf(session, "commands"), given, 0),
    async fork(session, given) {
      const headers = { "content-type": "application/json" };
      const path = pathOf(session, "forks");
      const { body } = await ask({ method: "POST", path, headers, body: JSON.stringify(given) });
      // The API answers it as the core plans it; a preview has no sequence.
      return { sequence: 0, ...(JSON.parse(body) as Omit<Forked, "sequence">) };
    },
    async state(session, at) {
      const { body } = await get(`${pathOf(session, "state")}${at === undefined ? "" : `?at=${at}`}`);
      // The API answers the state as the core shows it.
      return JSON.parse(body) as ShownState;
    },
    async explanation(session) {
      return explanation.parse(JSON.parse((await get(pathOf(session, "explain"))).body));
    },
    async decision(session, sequence) {
      const { body } = await get(pathOf(session, "decisions", String(sequence)));
      // The API answers it as the core explains it, and the views as the core compares them.
      return JSON.parse(body) as DecisionRead;
    },
    async view(session, task, attempt) {
      const query = attempt === undefined ? "" : `?attempt=${attempt}`;
      return JSON.parse((await get(`${pathOf(session, "tasks", task, "view")}${query}`)).body) as ViewRead;
    },
    async recorded(session, { withPersonal = false } = {}) {
      const commits: RecordedCommit[] = [];
      for (;;) {
        const values = withPersonal ? "&values=plain" : "";
        const path = `${pathOf(session, "commits")}?after=${commits.at(-1)?.last ?? 0}${values}`;
        const { body, headers } = await get(path);
        const { tenant, ...page } = recordedPage.parse(JSON.parse(body));
        // Each is checked by whoever decides it again.
        commits.push(...(page.commits as unknown as RecordedCommit[]));
        if (headers["link"] === undefined)
          return { format: RECORDED_FORMAT, tenant, session, redacted: page.redacted, commits };
      }
    },
    scores: (session) => readScores(get, pathOf(session, "scores")),
    async sessions(query = {}) {
      const { body, headers } = await get(pathWith("/sessions", { ...query }));
      // The API answers rows as the core tells them.
      return { ...(JSON.parse(body) as SessionsPage), ...nextIn(headers) };
    },
    async questions(cursor) {
      const { body, headers } = await get(pathWith("/questions", { cursor }));
      return { ...(JSON.parse(body) as QuestionsPage), ...nextIn(headers) };
    },
    async correlationDigests(correlation) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ correlation });
      const answer = await ask({ method: "POST", path: "/correlations", headers, body });
      return digestsFound.parse(JSON.parse(answer.body)).digests;
    },
    eventPages,
    eventsAfter,
    health: async () => (await look("/health")) as SpineHealth,
    deadLetters: async (page = {}) =>
      (await look(`/dead-letters?${new URLSearchParams(page).toString()}`)) as LetterPage,
    follow: (session, options) =>
      followEvents(
        {
          path: pathOf(session, "events"),
          stream,
          eventsAfter: (sequence) => eventsAfter(session, sequence),
          read: (data) => toLogged(envelope.parse(JSON.parse(data))),
        },
        options,
      ),
  };
}

function toLogged(read: z.infer<typeof envelope>): LoggedEvent {
  const { sequence, type, time, tenant, session, causationid, data } = read;
  return {
    // An event travels as the log has it, and ids were parsed when it was taken.
    event: { sequence, type, data } as RecordedEvent,
    key: { tenant, session } as SessionKey,
    at: Date.parse(time),
    cause: causationid,
    envelope: { ...read, sequence: String(sequence) } as JsonObject,
  };
}

/** Whether the reply may still come without anybody's doing. A person's answer has no disposition, and its run's reply. */
const mayReply = ({ reply, asks, disposition = "triggers" }: Accepted): boolean =>
  reply === undefined && asks === undefined && (disposition === "triggers" || disposition === "held");

const pathOf = (session: string, ...more: readonly string[]): string =>
  `/sessions/${[session, ...more].map(encodeURIComponent).join("/")}`;

function pathWith(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? path : `${path}?${given.join("&")}`;
}
