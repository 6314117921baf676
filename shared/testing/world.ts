import assert from "node:assert/strict";
import { valueAt } from "#core/context/document.ts";
import { SpineError } from "#core/errors.ts";
import type { Application } from "#core/flow/compile.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import {
  assembleCommit,
  nothingDecided,
  seenWith,
  withDecision,
  withCurrentOrders,
  type Decided,
} from "#core/session/assemble-commit.ts";
import { SCHEMA_VERSION, type Commit } from "#core/session/commit.ts";
import { serializeCommit } from "#core/session/codec.ts";
import { decide } from "#core/session/decide.ts";
import { nextDue } from "#core/session/decide/due.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";
import type { RecordedEvent, SessionEventType } from "#core/session/events.ts";
import { closeCommit } from "#core/session/evolve.ts";
import {
  isIdentified,
  type AgentOutcome,
  type EventInput,
  type Input,
  type SignalInput,
} from "#core/session/input.ts";
import type { Limits } from "#core/session/limits.ts";
import type { TaskOrder } from "#core/session/task-messages.ts";
import type { BreakerState, Seen } from "#core/session/seen.ts";
import { sheetPath } from "#core/session/sheet.ts";
import { initialState, liveRuns, withoutTimer, type SessionState } from "#core/session/state.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { checkDecision, checkSession } from "./invariants.ts";

const digest = createNodeDigest();

export interface WorldOptions {
  /** @default tenant "acme", session "s1" */
  readonly key?: { readonly tenant: string; readonly session: string };
  /** Session time of the first input, ms. @default 1_000_000 */
  readonly startAt?: number;
  readonly limits?: Partial<Limits>;
  /** What the ids begin with that its commits make; those of a fork must differ from its origin's. @default "c" */
  readonly ids?: string;
  /** The newest form that is written. @default the newest */
  readonly form?: number;
  /** Whether the invariants are asserted after every input; `checkSession` does it once. @default true */
  readonly check?: boolean;
}

/** The result of one send. */
export interface Step {
  readonly verdicts: readonly Verdict[];
  readonly events: readonly RecordedEvent[];
  readonly types: readonly SessionEventType[];
  /** The attempts that were dispatched. */
  readonly orders: readonly TaskOrder[];
}

export type AnswerOptions = {
  readonly confidence?: number;
  readonly usage?: { readonly tokens?: number; readonly money?: number };
  /** Which dispatch to this agent is answered, from 0. @default the first that still counts, else the last */
  readonly dispatch?: number;
};
export type FailOptions = Pick<AnswerOptions, "usage" | "dispatch"> & {
  readonly retryable?: boolean;
  readonly effect?: "not-done";
};
export type EventOptions = Partial<Omit<EventInput, "kind" | "type" | "data">>;

/**
 * One session of an application, advanced by hand on a clock that only moves when told: `decide` and `evolve` and nothing else.
 * Ids and clock are deterministic. After every input the invariants of a session are asserted (see `checkDecision`).
 *
 * @example
 * const world = new World(application);
 * world.event("GreetingAsked", { who: "Ada" });
 * const { types } = world.answer("greeter", { text: "Hello Ada" });
 */
export class World {
  readonly application: Application;
  readonly commits: Commit[] = [];
  /** Every dispatch so far, in order. */
  readonly orders: TaskOrder[] = [];
  /** Timers that were armed and did not fire yet. */
  timers: readonly number[] = [];
  /** States of circuit breakers that the next inputs see. */
  breakers: Readonly<Record<string, BreakerState>> = {};
  /** The last heartbeat of each agent, by name; without it, heartbeats are not read. */
  heard: Readonly<Record<string, number>> | undefined;
  state: SessionState;
  now: number;
  private readonly options: WorldOptions;
  private form: number;
  private inputs = 0;
  private readonly markers = new Map<string, number>();

  constructor(application: Application, options: WorldOptions = {}) {
    this.application = application;
    this.options = options;
    this.form = options.form ?? SCHEMA_VERSION;
    this.now = options.startAt ?? 1_000_000;
    const key: SessionKey = parseSessionKey(options.key ?? { tenant: "acme", session: "s1" });
    this.state = initialState(key.tenant, key.session);
  }

  /** Decides several inputs one after another and commits their events as one commit. */
  send(...given: readonly Input[]): Step {
    const before = this.state;
    const seen = this.look(given);
    let decided = nothingDecided(before);
    const verdicts: Verdict[] = [];
    for (const input of given) {
      if (input.kind === "deadline") this.timers = withoutTimer(this.timers, input.at);
      const known = this.findDuplicate(decided.state, input);
      if (known !== undefined) {
        verdicts.push({ type: "duplicate", sequence: known });
        continue;
      }
      const decision = decide(decided.state, input, seenWith(seen, decided), this.application);
      verdicts.push(decision.verdict);
      decided = withDecision(decided, input, decision);
    }
    decided = withCurrentOrders(decided);
    const { events, orders } = decided;
    if (events.length > 0) this.commit(before, decided, seen);
    if (this.options.check ?? true) this.checkTimers();
    return { verdicts, events, orders, types: events.map(({ type }) => type) };
  }

  /** Asserts that a timer is armed for the next moment at which the session must act. */
  checkTimers(): void {
    const due = this.nextDue();
    if (due === undefined) return;
    assert.ok(
      this.timers.some((at) => at <= Math.max(due, this.now)),
      `No timer will fire for ${due}; on their way: ${this.timers.join(", ")}.`,
    );
  }

  event(type: string, data: Json = {}, options: EventOptions = {}): Step {
    return this.send(this.eventInput(type, data, options));
  }

  /** The input that `event` would send: for several at once, or for a duplicate. */
  eventInput(type: string, data: Json = {}, options: EventOptions = {}): EventInput {
    return { ...this.identity(), kind: "event", type, data, ...options };
  }

  answer(agent: string, result: Json, options: AnswerOptions = {}): Step {
    const { dispatch, ...rest } = options;
    return this.send(this.answerInput(agent, { status: "ok", result, ...rest }, dispatch));
  }

  fail(agent: string, options: FailOptions = {}): Step {
    const { dispatch, retryable = true, ...rest } = options;
    const error = { code: "agent.failed", message: `${agent} failed` };
    return this.send(this.answerInput(agent, { status: "failed", error, retryable, ...rest }, dispatch));
  }

  answerInput(agent: string, outcome: AgentOutcome, dispatch?: number): Input {
    const { task, attempt } = this.order(agent, dispatch);
    return { kind: "answer", task, attempt, outcome };
  }

  claim(agent: string, execution = "execution-1", dispatch?: number): Step {
    const { task, attempt } = this.order(agent, dispatch);
    return this.send({ kind: "claim", task, attempt, execution });
  }

  /** Answers the newest open question, or the one with this text. */
  person(value: Json, question?: string): Step {
    const asked = this.events().filter((event) => event.type === "HumanAsked");
    const found = asked.findLast(({ data }) => question === undefined || data.question === question);
    if (found === undefined) throw new SpineError("task.unknown", "No question was asked.");
    return this.send({ ...this.identity(), kind: "human", ask: found.data.ask, value });
  }

  /** Tells the agents at work on a task, in a step, or by a name of an agent something. */
  signal(to: string, name: string, data: Json = null): Step {
    return this.send(this.signalInput(to, name, data));
  }

  /** The input that `signal` would send. */
  signalInput(to: string, name: string, data: Json = null): SignalInput {
    return { ...this.identity(), kind: "signal", to, name, data };
  }

  stop(reason = "enough", compensate = true): Step {
    const command = { type: "stop", reason, ...(!compensate && { compensate }) } as const;
    return this.send({ ...this.identity(), kind: "command", command });
  }

  /** Cancels the only run of this flow. */
  cancel(flow: string, reason = "not wanted", compensate = true): Step {
    const run = Object.values(this.state.runs).find(({ name }) => name === flow);
    if (run === undefined) throw new SpineError("task.unknown", `No run of ${flow} is in progress.`);
    return this.send({
      ...this.identity(),
      kind: "command",
      command: { type: "cancel", run: run.id, reason, ...(!compensate && { compensate }) },
    });
  }

  /** The message of a dispatch to this agent went to a dead-letter queue. */
  letter(agent: string, dispatch?: number): Step {
    const { task, attempt } = this.order(agent, dispatch);
    const queue = `agent-${agent}`;
    return this.send({
      ...this.identity(),
      kind: "letter",
      queue,
      reason: "received too often",
      attempt: { task, attempt },
    });
  }

  /** Fires a timer: one for a given time, or the next armed one. The clock moves there first. */
  deadline(at?: number): Step {
    const next = at ?? Math.min(...this.timers);
    if (!Number.isFinite(next)) throw new SpineError("task.unknown", "No timer is armed.");
    this.now = Math.max(this.now, next);
    return this.send({ kind: "deadline", at: next });
  }

  /** From now on, commits are written in at most this form. */
  writes(form: number): this {
    this.form = form;
    return this;
  }

  /** Moves the clock on; nothing fires by itself. */
  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  /** A dispatch to an agent: the nth, or the first that still counts, else the last. */
  order(agent: string, dispatch?: number): TaskOrder {
    const all = this.orders.filter((order) => order.agent === agent);
    const found =
      dispatch === undefined ? (all.find((order) => this.counts(order)) ?? all.at(-1)) : all[dispatch];
    if (found === undefined)
      throw new SpineError(
        "task.unknown",
        `${agent} was not dispatched${dispatch === undefined ? "" : ` ${dispatch + 1} times`}.`,
      );
    return found;
  }

  /** Agents with an attempt whose answer would count now. */
  get pending(): readonly string[] {
    return this.orders.filter((order) => this.counts(order)).map(({ agent }) => agent);
  }

  events(): readonly RecordedEvent[] {
    return this.commits.flatMap(({ events }) => events);
  }

  /** Bodies of the replies so far. */
  get replies(): readonly Json[] {
    return this.events().flatMap((event) => (event.type === "ReplySent" ? [event.data.body] : []));
  }

  /** The value that the first active run wrote at a path. */
  own(path: string): Json | undefined {
    const [run] = liveRuns(this.state);
    return run === undefined ? undefined : valueAt(this.state.context, `${sheetPath(run.id)}.${path}`);
  }

  nextDue(): number | undefined {
    return nextDue(this.state);
  }

  /** Asserts all invariants of the whole session. */
  check(): void {
    checkSession(this.commits, this.state, this.application);
  }

  private counts({ task, attempt }: TaskOrder): boolean {
    const now = this.state.tasks[task];
    return now?.attempt === attempt && (now.phase.name === "dispatched" || now.phase.name === "claimed");
  }

  private identity() {
    this.inputs += 1;
    const id = `input-${this.inputs}`;
    return { source: "test", id, hash: `hash-${this.inputs}`, correlation: `correlation-${this.inputs}` };
  }

  private look(given: readonly Input[]): Seen {
    const { limits } = this.options;
    const { form, heard } = this;
    const listens = heard !== undefined && given.some(({ kind }) => kind === "deadline");
    return {
      now: this.now,
      id: `${this.options.ids ?? "c"}${this.commits.length + 1}`,
      ...(Object.keys(this.breakers).length > 0 && { breakers: this.breakers }),
      ...(limits !== undefined && { limits }),
      ...(listens && { heartbeats: this.heartbeats(heard) }),
      ...(form > 1 && { form }),
    };
  }

  private heartbeats(heard: Readonly<Record<string, number>>): NonNullable<Seen["heartbeats"]> {
    const tasks = Object.values(this.state.tasks).flatMap(({ id, attempt, agent }) => {
      const at = heard[agent];
      return at === undefined ? [] : [[`${id}/${attempt}`, at] as const];
    });
    return Object.fromEntries(tasks);
  }

  private findDuplicate(state: SessionState, input: Input): number | undefined {
    if (!isIdentified(input)) return undefined;
    const { source, id } = input;
    const entry = state.ids.find((one) => one.source === source && one.id === id);
    return entry?.sequence ?? this.markers.get(`${source} ${id}`);
  }

  private commit(before: SessionState, decided: Decided, seen: Seen): void {
    const last = this.commits.at(-1);
    const previous = last === undefined ? "" : digest.sha256(serializeCommit(last));
    const commit = assembleCommit({ before, previous, decided, seen });
    const { directives, evicted } = commit;
    for (const { source, id, sequence } of before.ids.slice(0, evicted))
      this.markers.set(`${source} ${id}`, sequence);
    const timers = directives.flatMap((directive) =>
      directive.type === "arm-deadline" ? [directive.at] : [],
    );
    this.timers = [...this.timers, ...timers];
    this.commits.push(commit);
    this.orders.push(...decided.orders);
    this.state = closeCommit(decided.state, commit);
    if (this.options.check ?? true) {
      checkDecision(before, decided.state, commit, this.application);
      this.check();
    }
  }
}
