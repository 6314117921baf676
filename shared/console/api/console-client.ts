import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { Health } from "./spine-health.ts";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import type { ComparedViews } from "#core/session/compare-views.ts";
import type { ExplainedDecision, Writers } from "#core/session/explain-decision.ts";
import type { ShownState } from "#core/session/shown.ts";
import type { ComparedSessions } from "#client/compare-sessions.ts";
import { messagesOf, textOf } from "../model/sse-reader.ts";
import type { OutlineEvent } from "../model/event-outline.ts";
import type { ListQuery } from "../model/page-address.ts";
import type { AwsRequests } from "../model/ledger.ts";
import type { SessionRow } from "../model/session-row.ts";

/** The spine, or the console's server, refuses: with what is wrong in words. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** The deployment has no such thing: the page says so and goes on. */
  get isMissing(): boolean {
    return this.status === 404 || this.status === 405 || this.status === 501;
  }
}

export interface About {
  readonly where: string;
  readonly command: string;
  readonly options: string;
  /** Whether letters can be redriven from here. */
  readonly operates?: boolean;
}

export interface SessionPage {
  readonly sessions: readonly SessionRow[];
  readonly scanned: number;
  /** Where the next page begins. */
  readonly cursor?: string;
}

export interface OpenQuestion {
  readonly session: string;
  readonly ask: string;
  readonly question?: string;
  readonly dueAt: number;
  readonly askedAt: number;
  readonly flow?: string;
  readonly step?: string;
  readonly schema?: Json;
}

/** As `GET /dead-letters` gives it. */
export interface DeadLetter {
  readonly letter: string;
  readonly queue: string;
  readonly state: string;
  /** Absent: nobody's. */
  readonly session?: { readonly tenant: string; readonly session: string };
}

/** What a session took of AWS, as the command `cost` estimates it from the log. */
export interface SessionCost {
  /** US dollars; at most with what the log only bounds. */
  readonly usd: number;
  readonly usdAtMost: number;
  readonly requests: AwsRequests;
}

/** What scorers said of a session's replies. */
export interface ReplyScores {
  /** Whether the spine has scorers. */
  readonly isScored: boolean;
  readonly scores: readonly KeptScore[];
}

export type DecisionRead = ExplainedDecision & { readonly time: number; readonly writers: Writers };
export type ViewRead = ComparedViews & { readonly writers: Writers };

export interface Explanation {
  readonly status: string;
  readonly sequence: number;
  readonly waitsFor: readonly string[];
  readonly asks: readonly { readonly ask: string; readonly question: string; readonly dueAt: number }[];
}

/** What comes of a session while one looks at it. */
export interface OutlineListener {
  readonly events: (events: readonly OutlineEvent[]) => void;
  readonly complete: () => void;
  /** A frame of live output (docs/http.md#live-output). */
  readonly progress: (data: string) => void;
  readonly trouble: (error: Refused) => void;
}

const MOST_LETTERS = 500;
const MOST_QUESTIONS = 1_000;

/** Where the next page begins, as the answer's link says. */
function cursorOf({ headers }: Response): string | undefined {
  const link = /<([^>]+)>/.exec(headers.get("link") ?? "")?.[1];
  if (link === undefined) return undefined;
  return new URL(link, "http://spine").searchParams.get("cursor") ?? undefined;
}

/** Everything that the page asks for. Each call is one request to the console's server. */
export type ConsoleClient = ReturnType<typeof createConsoleClient>;

export function createConsoleClient(tokenOf: () => string | undefined) {
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { ...init.headers, authorization: `Bearer ${tokenOf() ?? ""}` };
    const response = await fetch(`/api${path}`, { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new Refused(0, "The console's server does not answer. Is it still running?");
    });
    if (!response.ok) throw new Refused(response.status, await problemText(response));
    return response;
  };
  // Answers have the shapes of docs/http.md; the core made most of them.
  const get = async <T>(path: string): Promise<T> => (await (await request(path)).json()) as T;
  const post = async (path: string, body: Json): Promise<JsonObject> => {
    const headers = { "content-type": "application/json" };
    const response = await request(path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as Json;
    return isJsonObject(answer) ? answer : {};
  };
  const of = (session: string): string => `/spine/sessions/${encodeURIComponent(session)}`;

  return {
    about: () => get<About>("/about"),
    async sessions(query: ListQuery, cursor?: string): Promise<SessionPage> {
      const given = Object.entries({ ...query, limit: "50", cursor }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      const response = await request(`/spine/sessions?${new URLSearchParams(given).toString()}`);
      const page = (await response.json()) as SessionPage;
      const next = cursorOf(response);
      return { ...page, ...(next !== undefined && { cursor: next }) };
    },
    async questions(): Promise<readonly OpenQuestion[]> {
      const found: OpenQuestion[] = [];
      let cursor: string | undefined;
      do {
        const query = cursor === undefined ? "" : `?${new URLSearchParams({ cursor }).toString()}`;
        const response = await request(`/spine/questions${query}`);
        found.push(...((await response.json()) as { readonly questions: readonly OpenQuestion[] }).questions);
        cursor = cursorOf(response);
      } while (cursor !== undefined && found.length < MOST_QUESTIONS);
      return found.sort((one, other) => one.dueAt - other.dueAt);
    },
    health: () => get<Health>("/spine/health"),
    async deadLetters(day: string): Promise<readonly DeadLetter[]> {
      const found: DeadLetter[] = [];
      let after: string | undefined;
      do {
        const query = new URLSearchParams({ day, ...(after !== undefined && { after }) });
        const page = await get<{ readonly letters: readonly DeadLetter[]; readonly after?: string }>(
          `/spine/dead-letters?${query.toString()}`,
        );
        found.push(...page.letters);
        after = page.after;
      } while (after !== undefined && found.length < MOST_LETTERS);
      return found;
    },
    state: (session: string, at?: number) =>
      get<ShownState>(`${of(session)}/state${at === undefined ? "" : `?at=${at}`}`),
    explanation: (session: string) => get<Explanation>(`${of(session)}/explain`),
    decision: (session: string, sequence: number) =>
      get<DecisionRead>(`${of(session)}/decisions/${sequence}`),
    view: (session: string, task: string, attempt: number) =>
      get<ViewRead>(`${of(session)}/tasks/${encodeURIComponent(task)}/view?attempt=${attempt}`),
    event: (session: string, sequence: number) =>
      get<JsonObject>(`/sessions/${encodeURIComponent(session)}/event/${sequence}`),
    cost: (session: string) => get<SessionCost>(`/sessions/${encodeURIComponent(session)}/cost`),
    scores: (session: string) => get<ReplyScores>(`/sessions/${encodeURIComponent(session)}/scores`),
    compare: (one: string, other: string) =>
      get<ComparedSessions>(`/compare?${new URLSearchParams({ one, other }).toString()}`),
    answer: (session: string, ask: string, id: string, value: Json) =>
      post(`${of(session)}/asks/${encodeURIComponent(ask)}`, { id, value }),
    letter: (op: "redrive" | "discard", letter: string, reason: string) =>
      post("/letters", { op, letter, reason }),
    command: (session: string, command: JsonObject) => post(`${of(session)}/commands`, command),
    fork: (session: string, fork: JsonObject) => post(`${of(session)}/forks`, fork),
    /** The outline of a session after an event, and what comes after, until it is aborted. */
    async outline(
      session: string,
      after: number,
      listener: OutlineListener,
      signal: AbortSignal,
    ): Promise<void> {
      const path = `/sessions/${encodeURIComponent(session)}/outline?live=1&after=${after}`;
      const response = await request(path, { signal });
      if (response.body === null) return;
      for await (const { event, data } of messagesOf(textOf(response.body))) {
        if (event === "outline") listener.events(JSON.parse(data) as readonly OutlineEvent[]);
        if (event === "complete") listener.complete();
        if (event === "progress") listener.progress(data);
        if (event === "trouble") {
          const { status, detail } = JSON.parse(data) as { readonly status: number; readonly detail: string };
          listener.trouble(new Refused(status, detail));
        }
      }
    },
  };
}

async function problemText(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as JsonObject;
    return String(problem["detail"] ?? problem["title"] ?? text);
  } catch {
    return text.slice(0, 200) || `status ${response.status}`;
  }
}
