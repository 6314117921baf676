import { sessionKeyText } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { lookAt } from "#core/session/decide/look.ts";
import type { TaskOrder } from "#core/session/task-messages.ts";
import type { Engine } from "../session/engine.ts";
import { unlessExpired } from "../session/late-input.ts";
import { loadSession } from "../session/load-session.ts";
import { ordersOf, taskMessages } from "../session/perform.ts";
import type { RelayPorts } from "./create-relay.ts";
import type { RelayWork } from "./relay-work.ts";

/** SQS forgets a deduplication id after 5 minutes; an order older than this is held against the log first. */
const DEDUPLICATED_MS = 240_000;

/**
 * Performs a commit's directives once more, side by side: a deadline is armed nowhere but here, and waits for no agent's
 * queue. Whoever fails, the others were tried.
 */
export async function performDirectives(
  engine: Engine,
  ports: Pick<RelayPorts, "deadlines" | "open" | "retention">,
  work: RelayWork,
  commit: Commit,
): Promise<void> {
  const dispatch = async (): Promise<void> => {
    if (ordersOf(commit).length === 0) return;
    const opened = (await ports.open?.(work)) ?? work;
    const orders = await standing(engine, parseCommit(work, opened.commit));
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
  const orders = ordersOf(commit);
  if (engine.clock.now() - commit.seen.now < DEDUPLICATED_MS) return orders;
  const stillStanding = async () => {
    const { state } = await loadSession(engine, commit);
    return orders.filter((order) => lookAt(state, order) === undefined);
  };
  return unlessExpired(engine, `commit ${commit.first} of ${sessionKeyText(commit)}`, stillStanding, []);
}
