import { SpineError, type SpineErrorCode } from "#core/errors.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import type { ShownState } from "#core/session/shown.ts";
import type { RetryPolicy } from "../ask-again.ts";
import { createSpineClient, type Accepted, type LoggedEvent, type SpineClient } from "../client.ts";
import type { FollowOptions } from "../follow-events.ts";
import type { AnswerTo, EventData, EventType, Question, ReplyTo } from "./application-types.ts";
import type { ClientTarget } from "./create-client.ts";

/** What may be said with an event, as docs/http.md has it. */
export interface SendOptions {
  /** The event's own: the same id with the same content is taken once. @default a new one */
  readonly id?: string;
  /** The producer's number of the event in its session, from 1. */
  readonly ordinal?: number;
  readonly lane?: "normal" | "express";
  /** Whether what agents say while they work is shown. */
  readonly live?: boolean;
  /** Facts for the context's section `session`. */
  readonly facts?: JsonObject;
  readonly constraints?: JsonObject;
  readonly correlation?: string;
  /** Gives up: what was taken stays taken. */
  readonly signal?: AbortSignal;
}

export interface AskOptions extends SendOptions {
  /** How long the reply is awaited, ms. @default 30,000 */
  readonly waitMs?: number;
}

/** An open question, by the wording that the application gave it. */
export interface TypedQuestion<Wording> {
  readonly ask: string;
  readonly question: Wording;
  /** From then on an answer comes too late, ms since the epoch. */
  readonly dueAt: number;
}

/** A session of a spine, typed by its application. What is refused is an `ApiError`. */
export interface ClientSession<App> {
  readonly name: string;
  /** Sends an event. Resolves when it is in the log. */
  send<Type extends EventType<App>>(
    type: Type,
    data: EventData<App, Type>,
    options?: SendOptions,
  ): Promise<Accepted>;
  /**
   * Sends an event and waits for the reply. Throws a `SpineError` with the code of a run that failed, `step.timeout` where the reply did not
   * come in time, and `reply.none` where none will come or a person is to answer first.
   */
  ask<Type extends EventType<App>>(
    type: Type,
    data: EventData<App, Type>,
    options?: AskOptions,
  ): Promise<ReplyTo<App, Type>>;
  /** The questions that are open now. */
  questions(options?: Pick<SendOptions, "signal">): Promise<readonly TypedQuestion<Question<App>>[]>;
  /** Answers an open question: one of `questions`, or the only one of this wording. Throws `SpineError` `question.closed` without one. */
  answer<Wording extends Question<App>>(
    question: Wording | TypedQuestion<Wording>,
    value: AnswerTo<App, Wording>,
    options?: Pick<AskOptions, "id" | "waitMs" | "signal">,
  ): Promise<Accepted>;
  /**
   * Tells agents at work something (docs/signals.md): `to` is a task's id, a step or an agent. `disposition` is `signalled`, or `ignored` with the
   * reason where no such task is under way.
   */
  signal(
    to: string,
    name: string,
    data?: Json,
    options?: Pick<SendOptions, "id" | "signal">,
  ): Promise<Accepted>;
  /** The events as they are committed, each once and in order, from after a sequence on. Ends with the signal or the iteration. */
  events(options?: FollowOptions): AsyncIterable<LoggedEvent>;
  /** The state: the newest, or that after an event. */
  state(options?: { readonly at?: number; readonly signal?: AbortSignal }): Promise<ShownState>;
  /** What scorers have said of the replies so far, in the order of these, 10,000 at most. A spine without scorers refuses. */
  scores(options?: Pick<SendOptions, "signal">): Promise<readonly KeptScore[]>;
}

const DEFAULT_WAIT_MS = 30_000;

export function createClientSession<App>(
  name: string,
  { call, stream }: ClientTarget,
  retries: RetryPolicy,
): ClientSession<App> {
  const clientOf = (signal: AbortSignal | undefined): SpineClient =>
    createSpineClient(call, {
      retries,
      ...(stream !== undefined && { stream }),
      ...(signal !== undefined && { signal }),
    });
  const post = (type: string, data: unknown, options: AskOptions, waitMs: number): Promise<Accepted> => {
    const {
      id = crypto.randomUUID(),
      facts,
      signal,
      ordinal,
      lane,
      live,
      constraints,
      correlation,
    } = options;
    const fields = { ordinal, lane, live, constraints, correlation, session: facts };
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    // The types are those of JSON, and what is none is refused.
    const event = { ...Object.fromEntries(given), id, type, data: data as Json };
    return clientOf(signal).send(name, event, waitMs);
  };
  const questions = async (signal: AbortSignal | undefined) => {
    const { asks } = await clientOf(signal).explanation(name);
    // Its wording is one of the application's, or of an older version of it.
    return asks as readonly TypedQuestion<Question<App>>[];
  };

  return {
    name,
    send: (type, data, options = {}) => post(type, data, options, 0),
    async ask(type, data, options = {}) {
      const taken = await post(type, data, options, options.waitMs ?? DEFAULT_WAIT_MS);
      if (taken.reply === undefined) throw unanswered(type, taken);
      if (taken.reply.failed) throw failureOf(taken.reply.body);
      // As the flow says that it replies.
      return taken.reply.body as ReplyTo<App, typeof type>;
    },
    questions: ({ signal } = {}) => questions(signal),
    async answer(question, value, { id = crypto.randomUUID(), waitMs = 0, signal } = {}) {
      const ask =
        typeof question === "string" ? onlyAsk(name, question, await questions(signal)) : question.ask;
      // The types are those of JSON.
      return clientOf(signal).answer(name, ask, { id, value: value as Json }, waitMs);
    },
    signal: (to, told, data = null, { id = crypto.randomUUID(), signal } = {}) =>
      clientOf(signal).signal(name, { id, to, name: told, data }),
    events: (options) => clientOf(options?.signal).follow(name, options),
    state: ({ at, signal } = {}) => clientOf(signal).state(name, at),
    scores: ({ signal } = {}) => clientOf(signal).scores(name),
  };
}

function onlyAsk(session: string, wording: string, open: readonly TypedQuestion<unknown>[]): string {
  const meant = open.filter(({ question }) => question === wording);
  const [only] = meant;
  if (only === undefined)
    throw new SpineError("question.closed", `Session ${session} does not ask "${wording}" now.`);
  if (meant.length > 1)
    throw new SpineError(
      "question.closed",
      `Session ${session} asks "${wording}" ${meant.length} times. Answer one of questions().`,
    );
  return only.ask;
}

function unanswered(type: string, { session, disposition, asks }: Accepted): SpineError {
  if (asks !== undefined)
    return new SpineError("reply.none", `Session ${session} asks a person first: see questions().`);
  return disposition === undefined || disposition === "triggers" || disposition === "held"
    ? new SpineError("step.timeout", `Session ${session} did not reply in time.`, { retryable: true })
    : new SpineError("reply.none", `No run replies to ${type} in session ${session}: it is ${disposition}.`);
}

function failureOf(body: Json): SpineError {
  const { code, message } = body as { readonly code: SpineErrorCode; readonly message: string }; // as docs/http.md has it
  return new SpineError(code, message);
}
