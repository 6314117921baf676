import type { Lane } from "#core/session/input.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Digest } from "#ports/secrets.ts";

/** Where a task is sent, and what SQS knows it by. */
export interface TaskAddress {
  /** Its queue: one for each agent and lane. */
  readonly agent: string;
  readonly lane: Lane;
  /** Of a group SQS hands out one message at a time. */
  readonly groupId: string;
  /** A second message with the same one is dropped within the queue's window. */
  readonly deduplicationId: string;
}

export interface AddressRules {
  readonly digest: Digest;
  /** How many tasks of a tenant a queue has in flight at most. @default any number */
  readonly tenantInFlight?: number | undefined;
}

type Addressed = Pick<TaskMessage, "tenant" | "session" | "task" | "attempt" | "agent" | "lane">;

/**
 * The address of an attempt, the same whenever it is asked for. By default an attempt is a group of its own: it waits for nothing. Where a
 * tenant's tasks in flight are bounded, its sessions share that many groups, and a tenant has no part in another one's.
 */
export function addressOf(task: Addressed, { digest, tenantInFlight }: AddressRules): TaskAddress {
  const { agent, lane } = task;
  const attempt = digest.sha256(attemptText(task));
  const groupId = tenantInFlight === undefined ? attempt : sharedGroup(task, { digest, tenantInFlight });
  return { agent, lane, groupId, deduplicationId: attempt };
}

/** One of its tenant's groups, by its session. */
function sharedGroup(
  { tenant, session, lane }: Addressed,
  { digest, tenantInFlight }: Required<AddressRules> & { readonly tenantInFlight: number },
): string {
  const group = shareOf(digest.sha256(`${tenant}/${session}/${lane}`), tenantInFlight);
  return `${digest.sha256(tenant)}-${group}`;
}

/** A prime, so that every character of a digest counts for any number of shares. */
const WHOLE = 2 ** 31 - 1;

/** A number from 0 to `shares` - 1 that a digest stands for, each about as likely as the others. */
const shareOf = (digest: string, shares: number): number =>
  [...digest].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % WHOLE, 0) % shares;

const attemptText = ({ tenant, session, task, attempt }: Addressed): string =>
  `${tenant}/${session}/${task}/${attempt}`;
