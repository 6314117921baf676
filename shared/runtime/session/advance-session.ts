import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { serializeCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { formOf, SCHEMA_VERSION } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import type { Input } from "#core/session/input.ts";
import { DEFAULT_LIMITS, MAX_COMMIT_BYTES, MAX_LARGE_COMMIT_BYTES } from "#core/session/limits.ts";
import type { Seen } from "#core/session/seen.ts";
import { SHEET_FORM } from "#core/session/sheet.ts";
import type { IdEntry, SessionState } from "#core/session/state.ts";
import { closeCommit } from "#core/session/evolve.ts";
import { utf8Length } from "#core/json.ts";
import type { Directive } from "#core/session/directives.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { decideBatch, type Batch, type Outcome } from "./decide-batch.ts";
import type { Engine } from "./engine.ts";
import { keyedInputs } from "./keyed-inputs.ts";
import { createFlowBooks, loadSession, type LoadedSession } from "./load-session.ts";
import { dispatchCommit, linkLargeViews } from "./perform.ts";
import { reportHealth } from "./report-health.ts";
import { withSnapshot } from "./snapshots.ts";

/** Whether to try again after `lost` lost races, and when: the caller says what a loser does. */
export type Patience = (lost: number) => boolean | Promise<boolean>;

export type AdvanceSession = (
  key: SessionKey,
  inputs: readonly Input[],
  patience: Patience,
) => Promise<readonly Outcome[]>;

/**
 * The one way in which a session goes on, behind every door: read, decide, commit if nobody was faster, dispatch.
 * All inputs become one commit where its size allows. Throws `session.contended` when patience ends, `session.unreadable`
 * when the log cannot be folded, and what the infrastructure throws; then nothing of the remaining inputs is committed
 * that the log does not show.
 */
export function createAdvanceSession(engine: Engine): AdvanceSession {
  const flowBook = createFlowBooks(engine);

  return async (key, sent, patience) => {
    let inputs: readonly Input[] | undefined;
    const outcomes: Outcome[] = [];
    let size = sent.length;
    let undecidable: SpineError | undefined;
    for (let lost = 0; outcomes.length < sent.length;) {
      const session = await loadSession(engine, key);
      // Only now: a session that has ended gets no key any more.
      inputs ??= await keyedInputs(engine, key, sent);
      const book = await flowBook(key, session.state);
      const given = inputs.slice(outcomes.length, outcomes.length + size);
      const seen = {
        ...(await gatherSeen(engine, session.state, book)),
        ...(await listen(engine, key, session.state, given)),
      };
      const batch = await decideBatch(engine, key, session.state, given, seen, book, undecidable);
      if (batch.events.length === 0) {
        outcomes.push(...batch.outcomes);
        undecidable = undefined;
        continue;
      }
      const commit = await assemble(engine, key, session, batch);
      if (commit === undefined) {
        if (undecidable !== undefined) throw undecidable;
        if (size === 1) undecidable = tooLarge(key);
        size = Math.ceil(size / 2);
        continue;
      }
      await writeMarkers(engine, key, session.state, commit.content.evicted);
      if ((await engine.log.append(key, commit.stored)) === "conflict") {
        lost += 1;
        // The state that it did not fit is gone.
        undecidable = undefined;
        if (!(await patience(lost)))
          throw new SpineError(
            "session.contended",
            `${sessionKeyText(key)} was advanced by others ${lost} times.`,
            { retryable: true },
          );
        continue;
      }
      reportHealth(engine.health, session.state, { events: batch.events, now: seen.now, book });
      await dispatchCommit(engine, commit.content);
      outcomes.push(...batch.outcomes);
      undecidable = undefined;
    }
    return outcomes;
  };
}

const tooLarge = (key: SessionKey): SpineError =>
  new SpineError(
    "commit.too-large",
    `One input of ${sessionKeyText(key)} causes more than ${MAX_COMMIT_BYTES} bytes. Keep large values in a store of your own and put references here.`,
  );

async function gatherSeen(engine: Engine, state: SessionState, book: FlowBook): Promise<Seen> {
  const breakers = await verdictsOf(engine);
  const personal = await personalPaths(engine, state, book);
  const { form = SCHEMA_VERSION } = engine;
  return {
    now: engine.clock.now(),
    id: engine.ids.next(),
    ...(Object.keys(breakers).length > 0 && { breakers }),
    ...(engine.limits !== undefined && { limits: engine.limits }),
    ...(form > 1 && { form }),
    ...(personal !== undefined && { personal }),
  };
}

/** A timer that fires asks when the agents were last heard of that must be heard of by now. */
async function listen(
  { heartbeats, clock }: Engine,
  { tenant, session }: SessionKey,
  { tasks, time }: SessionState,
  inputs: readonly Input[],
): Promise<Pick<Seen, "heartbeats">> {
  if (!inputs.some(({ kind }) => kind === "deadline")) return {};
  // Session time, by which it is decided.
  const now = Math.max(clock.now(), time);
  const asked = Object.values(tasks)
    .filter(({ phase }) => phase.name === "dispatched" && (phase.checkAt ?? Infinity) <= now)
    .map(({ id: task, attempt }) => ({ tenant, session, task, attempt }));
  if (asked.length === 0) return {};
  const last = await heartbeats.last(asked);
  const heard = asked.flatMap(({ task, attempt }, at) => {
    const since = last[at];
    return since === undefined ? [] : [[`${task}/${attempt}`, since] as const];
  });
  return { heartbeats: Object.fromEntries(heard) };
}

/** By the flows that may run now: the application's, and older ones that runs go on with. */
async function personalPaths(
  { personal, application }: Engine,
  { tenant, runs, personal: known = [] }: SessionState,
  book: FlowBook,
): Promise<Seen["personal"]> {
  const older = Object.values(runs).flatMap(({ flow }) =>
    application.byHash(flow) === undefined ? (book.byHash(flow) ?? []) : [],
  );
  return personal?.paths(tenant, [...application.flows, ...older], known);
}

/** Not knowing how the agents are is no reason to keep an input waiting: their breakers count as closed. */
async function verdictsOf({ health, onTrouble }: Engine): Promise<NonNullable<Seen["breakers"]>> {
  try {
    return await health.breakerStates();
  } catch (error) {
    onTrouble?.(error, "reading the circuit breakers");
    return {};
  }
}

interface Assembled {
  readonly content: Commit;
  readonly stored: StoredCommit;
}

/** The commit of a batch; none if it would be larger than an item may be. */
async function assemble(
  engine: Engine,
  key: SessionKey,
  session: LoadedSession,
  batch: Batch,
): Promise<Assembled | undefined> {
  const { state: before, hash, tail } = session;
  const orders = await linkLargeViews(engine, key, batch.orders);
  const dispatches = orders.map((order): Directive => ({ type: "dispatch", order }));
  const timers = batch.events.flatMap((event): Directive[] =>
    event.type === "DeadlineArmed" ? [{ type: "arm-deadline", at: event.data.at }] : [],
  );
  const evicted = evictable(before, batch.state, engine.limits?.idWindow ?? DEFAULT_LIMITS.idWindow).length;
  const bare: Commit = {
    schemaVersion: formOf(batch.state),
    tenant: key.tenant,
    session: key.session,
    first: before.sequence + 1,
    last: batch.state.sequence,
    previous: hash,
    inputs: batch.inputs,
    events: batch.events,
    directives: [...dispatches, ...timers],
    seen: batch.seen,
    evicted,
  };
  const text = serializeCommit(bare);
  const bytes = utf8Length(text);
  if (bytes > largestFor(engine, batch)) return undefined;
  const written = await withSnapshot(
    engine,
    { content: bare, text },
    bytes,
    tail,
    closeCommit(batch.state, bare),
  );
  const { content } = written;
  const { first, last, snapshot } = content;
  return { content, stored: { first, last, text: written.text, snapshot: snapshot !== undefined } };
}

/** Several inputs are split before their commit is stored apart, which all readers of form 2 can read. */
const largestFor = ({ form = SCHEMA_VERSION }: Engine, { inputs }: Batch): number =>
  inputs.length > 1 || form < SHEET_FORM ? MAX_COMMIT_BYTES : MAX_LARGE_COMMIT_BYTES;

/** Ids over the window's size, oldest first; only committed ones may leave, since a marker says that its id is in the log. */
function evictable(before: SessionState, after: SessionState, window: number): readonly IdEntry[] {
  return before.ids.slice(0, Math.max(0, Math.min(after.ids.length - window, before.ids.length)));
}

async function writeMarkers(
  engine: Engine,
  key: SessionKey,
  before: SessionState,
  evicted: number,
): Promise<void> {
  if (evicted > 0) await engine.log.writeMarkers(key, before.ids.slice(0, evicted));
}
