import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { utf8Length } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import { MAX_INLINE_VIEW_BYTES } from "#core/session/limits.ts";
import {
  idempotencyKeyOf,
  type TaskMessage,
  type TaskOrder,
  type ViewLink,
} from "#core/session/task-messages.ts";
import { blobName, type NamingPorts } from "./blob-name.ts";
import type { Engine } from "./engine.ts";

/** Moves views that are too large for a message into blobs, before the commit that orders their dispatch. */
export async function linkLargeViews(
  engine: NamingPorts & Pick<Engine, "blobs">,
  key: SessionKey,
  orders: readonly TaskOrder[],
): Promise<readonly TaskOrder[]> {
  return Promise.all(
    orders.map(async (order) => {
      const text = JSON.stringify(order.view);
      const bytes = utf8Length(text);
      if (bytes <= MAX_INLINE_VIEW_BYTES) return order;
      const link: ViewLink = { key: await blobName(engine, "views", key, text), bytes };
      await engine.blobs.put(link.key, text);
      return { ...order, view: { link }, linked: true };
    }),
  );
}

/** The messages of a commit's dispatches. Tokens are made here, and links that end with their tasks: no log or publication ever holds one. */
export async function taskMessages(
  engine: Pick<Engine, "tokens" | "blobs" | "clock">,
  commit: Commit,
  orders = ordersOf(commit),
): Promise<readonly TaskMessage[]> {
  const { tenant, session } = commit;
  return Promise.all(
    orders.map(async (order) => {
      const ref = { tenant, session, task: order.task, attempt: order.attempt };
      return {
        ...order,
        tenant,
        session,
        committedAt: commit.seen.now,
        idempotencyKey: idempotencyKeyOf(ref),
        token: await engine.tokens.issue(ref),
        ...(order.linked &&
          "link" in order.view && {
            viewUrl: await engine.blobs.link(
              (order.view.link as ViewLink).key,
              order.deadline - engine.clock.now(),
            ),
          }),
      };
    }),
  );
}

export function ordersOf(commit: Commit): readonly TaskOrder[] {
  return commit.directives.flatMap((directive) => (directive.type === "dispatch" ? [directive.order] : []));
}

/**
 * Dispatches what a commit orders, at once, and gives the task that is handed to whoever answered. What fails here the relay
 * does again: the input is committed either way.
 */
export async function dispatchCommit(engine: Engine, commit: Commit): Promise<TaskMessage | undefined> {
  const orders = ordersOf(commit);
  if (orders.length === 0) return undefined;
  try {
    const messages = await taskMessages(engine, commit, orders);
    const queued = messages.filter(({ handedBy }) => handedBy === undefined);
    if (queued.length > 0) await engine.dispatch.send(queued);
    return messages.find(({ handedBy }) => handedBy !== undefined);
  } catch (error) {
    engine.onTrouble?.(error, `dispatching commit ${commit.first} of ${sessionKeyText(commit)}`);
    return undefined;
  }
}
