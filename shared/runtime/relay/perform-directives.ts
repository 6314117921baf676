import { START_BOUND_MS } from "#core/flow/bounds.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import { lookAt } from "#core/session/decide/look.ts";
import type { TaskOrder } from "#core/session/task-messages.ts";
import type { Engine } from "../session/engine.ts";
import { hasBegun } from "../session/handed-over.ts";
import { unlessExpired } from "../session/late-input.ts";
import { loadSession } from "../session/load-session.ts";
import { ordersOf, taskMessages } from "../session/perform.ts";
import type { RelayPorts } from "./create-relay.ts";
import type { RelayWork } from "./relay-work.ts";
import { readCommit } from "../session/read-commit.ts";

/** Whether the log shows that an attempt of a session has reached an agent. */
export type HasArrived = (key: SessionKey, order: TaskOrder) => boolean;

/** SQS forgets a deduplication id after 5 minutes; an order older than this is held against the log first. */
const DEDUPLICATED_MS = 240_000;

/**
 * Performs a commit's directives once more, side by side: a deadline is armed nowhere but here, and waits for no agent's
 * queue. A task that has arrived is not sent again. Whoever fails, the others were tried.
 */
export async function performDirectives(
  engine: Engine,
  ports: Pick<RelayPorts, "deadlines" | "open" | "retention">,
  { work, commit }: { readonly work: RelayWork; readonly commit: Commit },
  hasArrived: HasArrived,
): Promise<void> {
  const dispatch = async (): Promise<void> => {
    if (queuedOf(commit).every((order) => hasArrived(commit, order))) return;
    const opened = (await ports.open?.(work)) ?? work;
    const known = await standing(engine, readCommit(engine.log, work, opened.commit));
    const orders = known.filter((order) => !hasArrived(commit, order));
    if (orders.length > 0) await engine.dispatch.send(await taskMessages(engine, commit, orders));
  };
  const outcomes = await Promise.allSettled([
    ...commit.directives.flatMap((directive) =>
      directive.type === "arm-deadline" ? [ports.deadlines.arm(commit, directive.at)] : [],
    ),
    dispatch(),
    commit.first === 1 ? ports.retention?.began(commit, commit.seen.now) : undefined,
  ]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The orders that an agent must still get: all of a young commit, of an old one those that the log knows no outcome of. */
async function standing(engine: Engine, commit: Commit): Promise<readonly TaskOrder[]> {
  const orders = queuedOf(commit);
  if (engine.clock.now() - commit.seen.now < DEDUPLICATED_MS) return orders;
  return stillStanding(engine, commit, orders);
}

/** Those of a commit's orders that the log knows no outcome of. */
async function stillStanding(
  engine: Engine,
  commit: Commit,
  orders: readonly TaskOrder[],
): Promise<readonly TaskOrder[]> {
  const look = async () => {
    const { state } = await loadSession(engine, commit);
    return orders.filter((order) => lookAt(state, order) === undefined);
  };
  return unlessExpired(engine, `commit ${commit.first} of ${sessionKeyText(commit)}`, look, []);
}

const queuedOf = (commit: Commit): readonly TaskOrder[] =>
  ordersOf(commit).filter(({ handedBy }) => handedBy === undefined);
export const handedOf = (commit: Commit): readonly TaskOrder[] =>
  ordersOf(commit).filter(({ handedBy }) => handedBy !== undefined);

/**
 * Sends a task that a commit handed over to its queue after all, if nobody has begun it in its time. False while that time is not over: whoever
 * got it answers, or says that it works.
 */
export async function performHandOver(
  engine: Engine,
  ports: Pick<RelayPorts, "open">,
  work: RelayWork,
  commit: Commit,
): Promise<boolean> {
  if (engine.clock.now() - commit.seen.now < START_BOUND_MS) return false;
  const opened = (await ports.open?.(work)) ?? work;
  const orders = await stillStanding(engine, commit, handedOf(readCommit(engine.log, work, opened.commit)));
  const begun = await Promise.all(
    orders.map(({ task: id, attempt }) => hasBegun(engine, commit, { id, attempt })),
  );
  const left = orders.filter((_, at) => begun[at] !== true);
  if (left.length > 0) await engine.dispatch.send(await taskMessages(engine, commit, left));
  return true;
}
