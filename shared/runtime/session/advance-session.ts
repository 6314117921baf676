import { SpineError } from "#core/errors.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { utf8Length } from "#core/json.ts";
import { assembleCommit, type Decided } from "#core/session/assemble-commit.ts";
import { serializeCommit } from "#core/session/codec.ts";
import { SCHEMA_VERSION, type Commit } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { closeCommit } from "#core/session/evolve.ts";
import type { Input } from "#core/session/input.ts";
import { MAX_COMMIT_BYTES, MAX_LARGE_COMMIT_BYTES } from "#core/session/limits.ts";
import type { Seen } from "#core/session/seen.ts";
import { SHEET_FORM } from "#core/session/sheet.ts";
import { flowsOfRuns, type SessionState } from "#core/session/state.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { decideBatch, type Outcome } from "./decide-batch.ts";
import type { Engine } from "./engine.ts";
import { gatherSeen } from "./gather-seen.ts";
import { keyedInputs } from "./keyed-inputs.ts";
import { createKnownFlows, missingFlow } from "./known-flows.ts";
import { createFlowBooks, type LoadedSession } from "./load-session.ts";
import { dispatchCommit, linkLargeViews } from "./perform.ts";
import { reportHealth } from "./report-health.ts";
import { withSnapshot } from "./snapshots.ts";
import { keepSession, readSession, startSession } from "./start-session.ts";
import { healthOf } from "./tenant-health.ts";

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
 * that the log does not show. It may start from a state that the process kept, and then gives no verdict on it but by a commit.
 */
export function createAdvanceSession(engine: Engine): AdvanceSession {
  const known = createKnownFlows(engine);
  const flowBook = createFlowBooks(engine, known);

  return async (key, sent, patience) => {
    let keyed: readonly Input[] | undefined;
    const outcomes: Outcome[] = [];
    let size = sent.length;
    let undecidable: SpineError | undefined;
    // What the process kept has failed this call once: from then on the log is read.
    let mustRead = false;
    for (let lost = 0; outcomes.length < sent.length;) {
      // 1. Load the session, and key its inputs only now: a session that has ended gets no key any more.
      const session = mustRead
        ? await readSession(engine, key)
        : await startSession(engine, key, sent.slice(outcomes.length));
      const { state } = session;
      keyed ??= await keyedInputs(engine, key, sent);

      // 2. Look at the world, and decide as many inputs as make one commit.
      const taken = [outcomes.length, outcomes.length + size] as const;
      const inputs = keyed.slice(...taken);
      const book = await flowBook(key, state, flowsBroughtBy(inputs));
      const seen = await gatherSeen(engine, state, inputs, book);
      const batch = await decideBatch(engine, {
        state,
        inputs,
        sent: sent.slice(...taken),
        seen,
        book,
        undecidable,
      });
      const { events } = batch.decided;
      if (session.cached && batch.decided.inputs.length < inputs.length) {
        // Others may have committed since: what no commit proves to be new is decided on what the log says.
        mustRead = true;
        continue;
      }
      let next: TaskMessage | undefined;

      if (events.length > 0) {
        // 3. Assemble the commit. One that is too large is made of fewer inputs; a single one that is, is recorded as undecidable.
        const commit = await assemble(engine, session, batch.decided, seen);
        if (commit === undefined) {
          if (undecidable !== undefined) throw undecidable;
          if (size === 1) undecidable = tooLarge(key);
          size = Math.ceil(size / 2);
          mustRead = true;
          continue;
        }

        // 4. Write the markers of ids that leave the window and the flows that the commit names, then append, if nobody was faster.
        await writeMarkers(engine, key, state, commit.content.evicted);
        await known.put(namedFlows(commit.content, book));
        const stored = await engine.log.append(key, commit.stored);
        if (stored === "conflict") {
          // The state that it did not fit is gone.
          undecidable = undefined;
          if (session.cached) {
            // Against those who committed long before there was no race.
            mustRead = true;
            continue;
          }
          lost += 1;
          if (!(await patience(lost))) throw contended(key, lost);
          continue;
        }

        await keepSession(engine, session, { ...commit, stored });

        // 5. Perform what the commit orders.
        reportHealth(healthOf(engine, key.tenant), state, { events, now: seen.now, book });
        next = await dispatchCommit(engine, commit.content);
      }
      outcomes.push(
        ...batch.outcomes.map((outcome) => (next === undefined ? outcome : { ...outcome, next })),
      );
      undecidable = undefined;
    }
    return outcomes;
  };
}

/** Flows that runs go on with which come from another session. */
const flowsBroughtBy = (inputs: readonly Input[]): readonly string[] =>
  inputs.flatMap((input) => (input.kind === "fork" ? flowsOfRuns(input.state) : []));

const contended = (key: SessionKey, lost: number): SpineError =>
  new SpineError("session.contended", `Others advanced ${sessionKeyText(key)} during all ${lost} tries.`, {
    retryable: true,
  });

const tooLarge = (key: SessionKey): SpineError =>
  new SpineError(
    "commit.too-large",
    `One input of ${sessionKeyText(key)} causes more than ${MAX_COMMIT_BYTES} bytes. Keep large values in a store of your own and put references here.`,
  );

interface Assembled {
  readonly content: Commit;
  /** The session's after it. */
  readonly state: SessionState;
  readonly stored: StoredCommit;
}

/** The commit of a batch; none if it would be larger than an item may be. */
async function assemble(
  engine: Engine,
  { state: before, hash: previous, tail }: LoadedSession,
  decided: Decided,
  seen: Seen,
): Promise<Assembled | undefined> {
  const { tenant, session } = before;
  const orders = await linkLargeViews(engine, { tenant, session }, decided.orders);
  const bare = assembleCommit({ before, previous, decided: { ...decided, orders }, seen });
  const text = serializeCommit(bare);
  const bytes = utf8Length(text);
  if (bytes > largestFor(engine, bare)) return undefined;
  const state = closeCommit(decided.state, bare);
  const written = await withSnapshot(engine, { content: bare, text }, { bytes, tail, state });
  const { content } = written;
  const { first, last, snapshot } = content;
  return { content, state, stored: { first, last, text: written.text, snapshot: snapshot !== undefined } };
}

/** Several inputs are split before their commit is stored apart, which all readers of form 2 can read. */
const largestFor = ({ form = SCHEMA_VERSION }: Engine, { inputs }: Commit): number =>
  inputs.length > 1 || form < SHEET_FORM ? MAX_COMMIT_BYTES : MAX_LARGE_COMMIT_BYTES;

const namedFlows = (commit: Commit, book: FlowBook): readonly HashedFlow[] =>
  flowsApart(commit).map((hash) => {
    const flow = book.byHash(hash);
    if (flow === undefined) throw missingFlow(hash);
    return flow;
  });

async function writeMarkers(
  engine: Engine,
  key: SessionKey,
  before: SessionState,
  evicted: number,
): Promise<void> {
  if (evicted > 0) await engine.log.writeMarkers(key, before.ids.slice(0, evicted));
}
