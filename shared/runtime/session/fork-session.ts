import { problemError, SpineError } from "#core/errors.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import { parseSessionId, sessionKeyText, type SessionKey } from "#core/ids.ts";
import { canonicalJson, type Json } from "#core/json.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { changedState } from "#core/session/fork/changed-state.ts";
import { planOf, type Forked } from "#core/session/fork/fork-plan.ts";
import { readFrom, recordOutcomes, type Recorded } from "#core/session/fork/record-outcomes.ts";
import { wholeAt } from "#core/session/fork/whole-at.ts";
import type { CommandInput, ForkInput, HumanInput } from "#core/session/input.ts";
import { flowsOfRuns, initialState, type SessionState } from "#core/session/state.ts";
import { createAdvanceSession, type Patience } from "./advance-session.ts";
import { createSessionReader } from "./create-session-reader.ts";
import { decideBatch, type Outcome } from "./decide-batch.ts";
import type { Engine } from "./engine.ts";
import { readForkRequest, type ForkRequest } from "./fork-request.ts";
import { gatherSeen } from "./gather-seen.ts";
import { createKnownFlows } from "./known-flows.ts";
import { createFlowBooks, readable } from "./load-session.ts";

/** Who forks. */
export interface ForkedBy {
  readonly source: string;
  readonly person?: string;
}

export interface ForkSession {
  /** Says what a fork would do, and writes nothing. */
  preview(origin: SessionKey, body: Json, who: ForkedBy): Promise<Forked>;
  fork(origin: SessionKey, body: Json, who: ForkedBy): Promise<Forked>;
}

/** So many commits after the event are looked through for what may be reused. */
const MAX_COMMITS = 5_000;
const PAGE = 50;

/** Begins sessions with the state that another one had as of an event. */
export function createForkSession(engine: Engine, patience: Patience): ForkSession {
  const reader = createSessionReader(engine);
  const known = createKnownFlows(engine);
  const flowBook = createFlowBooks(engine, known);
  const advance = createAdvanceSession(engine);

  const readOrigin = async (key: SessionKey, request: ForkRequest) => {
    const at = request.at ?? (await reader.current(key)).sequence;
    if (at === 0) throw noEvents(key);
    const stored = (await engine.log.readUpTo(key, at)).at(-1);
    const commit = await reader.commitAt(key, at);
    const hash = stored?.hash ?? engine.digest.sha256(stored?.text ?? "");
    return { at: wholeAt(commit, at), hash };
  };

  const recordedOf = async (
    key: SessionKey,
    state: SessionState,
    { after, book }: { readonly after: number; readonly book: FlowBook },
  ): Promise<Recorded> => {
    const runs = new Set<string>(Object.keys(state.runs));
    if (runs.size === 0) return { outcomes: [], doubtful: [] };
    const from = Math.min(readFrom(state), after);
    const start = await reader.stateAt(key, from);
    const recorder = recordOutcomes(start, { after, runs, book });
    const within = from === 0 ? undefined : await reader.commitAt(key, from);
    let last = within?.last ?? 0;
    if (within !== undefined && within.last > from) recorder.read(within);
    for (let read = 0; !recorder.isDone(); read += PAGE) {
      if (read >= MAX_COMMITS) throw tooFar(key);
      const page = await readable(key, () => reader.commitsAfter(key, last, PAGE));
      for (const commit of page) recorder.read(commit);
      const end = page.at(-1);
      if (end === undefined) break;
      last = end.last;
    }
    return recorder.found();
  };

  const prepare = async (key: SessionKey, body: Json, who: ForkedBy) => {
    const request = readForkRequest(body);
    const session = parseSessionId(request.session);
    const { at, hash } = await readOrigin(key, request);
    const state = await reader.stateAt(key, at);
    const flow = request.flow === undefined ? undefined : flowNamed(engine, state, request.flow);
    const book = withFlow(await flowBook(key, state), flow);
    const after = flow === undefined ? at : firstOfRuns(state, at);
    const { outcomes, doubtful } = await recordedOf(key, state, { after, book });
    const changed = [
      ...Object.keys(request.set ?? {}),
      ...(flow === undefined ? [] : [`flow ${flow.flow.name}`]),
      ...(request.answer === undefined ? [] : [`answer ${request.answer.ask}`]),
    ];
    const { set } = request;
    const { id, ...identity } = identityOf(engine, who, `${sessionKeyText(key)}@${at}`, request as Json);
    const input: ForkInput = {
      kind: "fork",
      ...identity,
      id,
      origin: { session: key.session, at, hash },
      state: changedState(state, {
        ...(set !== undefined && { set }),
        ...(flow !== undefined && { flow }),
      }),
      changed,
      recorded: changed.length === 0 ? outcomes : outcomes.filter(({ kind }) => kind === "agent"),
      doubtful,
      ...(request.repeatEffects === true && { repeatEffects: true }),
    };
    const { answer } = request;
    const inputs: readonly [ForkInput, ...HumanInput[]] =
      answer === undefined ? [input] : [input, answerInput(engine, who, answer)];
    return { inputs, book, fork: { tenant: key.tenant, session } };
  };

  /** Decides the fork, and an answer that comes with it, on nothing: what is refused is refused before anything is written. */
  const tryOut = async ({ inputs, book, fork }: Awaited<ReturnType<typeof prepare>>) => {
    const before = initialState(fork.tenant, fork.session);
    const seen = await gatherSeen(engine, before, inputs, book);
    const { outcomes, decided } = await decideBatch(engine, { state: before, inputs, seen, book });
    check(outcomes);
    return planOf(inputs[0], fork, decided);
  };

  return {
    async preview(key, body, who) {
      return { ...(await tryOut(await prepare(key, body, who))), sequence: 0 };
    },

    async fork(key, body, who) {
      const prepared = await prepare(key, body, who);
      const { inputs, book, fork } = prepared;
      const plan = await tryOut(prepared);
      checkFree(await reader.current(fork), inputs[0]);
      // In the library first: the fork's log names them, and holds none.
      const [{ state, origin }] = inputs;
      await known.put(flowsIn(state, book));
      const note = noteOf(engine, who, { fork: fork.session, at: origin.at });
      // The origin's log names the fork before there is one: whoever erases it finds it.
      check(await advance(key, [note], patience));
      check(await advance(fork, inputs, patience));
      const { sequence } = await reader.current(fork);
      return { ...plan, sequence };
    },
  };
}

/** A session with events is nobody's fork but the one that it has been since. */
function checkFree({ sequence, session, ids }: SessionState, { source, id }: ForkInput): void {
  if (sequence === 0 || ids.some((entry) => entry.source === source && entry.id === id)) return;
  throw problemError("input.conflict", {
    field: "session",
    problem: `"${session}" has events already`,
    repair: "Give the fork another name.",
  });
}

function check(outcomes: readonly Outcome[]): void {
  for (const { verdict, problems } of outcomes) {
    if (verdict.type !== "refused") continue;
    const { code, message, retryable } = verdict;
    throw new SpineError(code, message, { retryable, ...(problems !== undefined && { problems }) });
  }
}

const flowsIn = (state: SessionState, book: FlowBook): readonly HashedFlow[] =>
  flowsOfRuns(state).flatMap((hash) => book.byHash(hash) ?? []);

const withFlow = (book: FlowBook, flow: HashedFlow | undefined): FlowBook =>
  flow === undefined ? book : { ...book, byHash: (hash) => (hash === flow.hash ? flow : book.byHash(hash)) };

function flowNamed({ application }: Engine, { runs }: SessionState, name: string): HashedFlow {
  const found = application.byHash(name) ?? application.flows.find(({ flow }) => flow.name === name);
  const isRunning = Object.values(runs).some((run) => run.name === found?.flow.name);
  if (found !== undefined && isRunning) return found;
  const names = [...new Set(Object.values(runs).map((run) => run.name))].join(", ");
  throw problemError("input.malformed", {
    field: "flow",
    problem: found === undefined ? `"${name}" is no flow of the application` : `"${name}" was not under way`,
    repair: names === "" ? "No flow was under way: leave it out." : `Name one that was under way: ${names}.`,
  });
}

/** Where the oldest run began that is under way. */
const firstOfRuns = ({ runs }: SessionState, at: number): number =>
  Math.max(0, Object.values(runs).reduce((first, { trigger }) => Math.min(first, trigger), at) - 1);

function identityOf({ digest, ids }: Engine, { source, person }: ForkedBy, about: string, body: Json) {
  const id = `fork ${about}`.slice(0, 256);
  const by = person === undefined ? {} : { by: person };
  return { source, ...by, id, hash: digest.sha256(canonicalJson(body)), correlation: ids.next() };
}

function noteOf(
  { digest }: Engine,
  { source, person }: ForkedBy,
  { fork, at }: { readonly fork: ForkInput["origin"]["session"]; readonly at: number },
): CommandInput {
  const id = `fork ${fork} ${at}`.slice(0, 256);
  const command = { type: "fork", session: fork, at } as const;
  const by = person === undefined ? {} : { by: person };
  const hash = digest.sha256(canonicalJson(command));
  return { kind: "command", source, ...by, id, hash, correlation: id, command };
}

function answerInput(
  { digest }: Engine,
  { source, person }: ForkedBy,
  { ask, value }: { readonly ask: string; readonly value: Json },
): HumanInput {
  const id = `fork ${ask}`.slice(0, 256);
  const by = person === undefined ? {} : { by: person };
  const hash = digest.sha256(canonicalJson([ask, value]));
  return { kind: "human", source, ...by, id, hash, correlation: id, ask, value };
}

const noEvents = (key: SessionKey): SpineError =>
  new SpineError("session.unknown", `Session ${key.session} has received no events.`, {
    problems: [{ field: "session", problem: "has no events", repair: "Fork one that has some." }],
  });

const tooFar = (key: SessionKey): SpineError =>
  problemError("input.rejected", {
    field: "at",
    problem: `lies more than ${MAX_COMMITS} commits before the end of the runs of ${sessionKeyText(key)} that were under way then`,
    repair: "Fork a later event.",
  });
