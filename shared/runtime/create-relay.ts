import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { lookAt } from "#core/session/decide/answers.ts";
import type { TaskOrder } from "#core/session/messages.ts";
import type { Deadlines } from "#ports/deadlines.ts";
import type { OrderedSubscriptions, Publish } from "#ports/publish.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import { advanceOf } from "./advance-of.ts";
import type { Engine } from "./engine.ts";
import { unlessExpired } from "./late-input.ts";
import { loadSession } from "./load-session.ts";
import { ordersOf, taskMessages } from "./perform.ts";

export interface RelayPorts {
  readonly deadlines: Deadlines;
  readonly publish: Publish;
  readonly subscriptions: OrderedSubscriptions;
  /** Opens what is sealed in a commit, for whom it is dispatched to; it is published as it is stored. @default nothing is */
  readonly open?: (record: StreamRecord) => Promise<StreamRecord>;
  /** Told once of each session that begins. @default sessions stay for ever */
  readonly retention?: { began(key: SessionKey, at: number): Promise<void> };
}

/** SQS forgets a deduplication id after 5 minutes; an order older than this is held against the log first. */
const DEDUPLICATED_MS = 240_000;

/**
 * Performs every commit's directives once more, from the log's stream: dispatches again, arms deadlines, publishes.
 * Gives back the records that failed, to be tried again; one record never fails another. All of it may happen twice.
 */
export function createRelay(
  engine: Engine,
  ports: RelayPorts,
): (records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]> {
  const relayOne = async (record: StreamRecord): Promise<void> => {
    const commit = parseCommit(record, record.commit);
    const advance = advanceOf(engine, commit, record.commit.text);
    // Before all else: a deadline is armed nowhere but here, and nobody outside may keep a session from going on.
    for (const directive of commit.directives) {
      if (directive.type === "arm-deadline") await ports.deadlines.arm(commit, directive.at);
    }
    const opened = ordersOf(commit).length === 0 ? record : ((await ports.open?.(record)) ?? record);
    const orders = await standing(engine, parseCommit(record, opened.commit));
    if (orders.length > 0) await engine.dispatch.send(await taskMessages(engine, commit, orders));
    if (commit.first === 1) await ports.retention?.began(commit, commit.seen.now);
    await ports.subscriptions.deliver(advance);
    await ports.publish.publish([advance]);
  };

  return async (records) => {
    const failed: StreamRecord[] = [];
    for (const record of records) {
      // A later commit of a session waits for an earlier one: subscribers get them in order.
      const blocked = failed.some(
        ({ tenant, session }) => tenant === record.tenant && session === record.session,
      );
      try {
        if (blocked) failed.push(record);
        else await relayOne(record);
      } catch (error) {
        engine.onTrouble?.(error, `relaying commit ${record.commit.first} of ${sessionKeyText(record)}`);
        failed.push(record);
      }
    }
    return failed;
  };
}

async function standing(engine: Engine, commit: Commit): Promise<readonly TaskOrder[]> {
  const orders = ordersOf(commit);
  if (orders.length === 0 || engine.clock.now() - commit.seen.now < DEDUPLICATED_MS) return orders;
  const stillStanding = async () => {
    const { state } = await loadSession(engine, commit);
    return orders.filter((order) => lookAt(state, order) === undefined);
  };
  return unlessExpired(engine, `commit ${commit.first} of ${sessionKeyText(commit)}`, stillStanding, []);
}
