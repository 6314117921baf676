import { pickOldest, type Chooser } from "./delivery-order.ts";
import type { Queue } from "./queue.ts";
import { QueueError, requireRange } from "./queue-error.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** SQS allows no visibility beyond this, counted from the receive. */
export const MAX_VISIBILITY_MS = 43_200 * SECOND;
export const MAX_DELAY_MS = 900 * SECOND;
export const MAX_MESSAGE_BYTES = 1_048_576;

export type DeduplicationScope = "queue" | "messageGroup";

export interface QueueConfig {
  /** At most 80 letters, digits, - and _; a FIFO queue's name ends in ".fifo", within the 80. */
  readonly name: string;
  readonly fifo: boolean;
  /** @default 30 seconds */
  readonly visibilityTimeoutMs?: number;
  /** Of every message, 0 to 15 minutes. @default 0 */
  readonly delayMs?: number;
  /** 1 minute to 14 days. @default 4 days */
  readonly retentionMs?: number;
  /** @default 5 minutes, as SQS has it */
  readonly dedupWindowMs?: number;
  /** @default "queue" */
  readonly deduplicationScope?: DeduplicationScope;
  /** Without an id of its own, a message's is the SHA-256 of its body. @default false */
  readonly contentBasedDeduplication?: boolean;
  /** Receives that a message may have, 1 to 1,000; the next one moves it. Goes with `deadLetterQueue`. */
  readonly maxReceiveCount?: number;
  /** Of the same kind as this queue: FIFO or standard. */
  readonly deadLetterQueue?: Queue;
  /** @default 1 MiB */
  readonly maxMessageBytes?: number;
  /** @default 120,000 */
  readonly inFlightLimit?: number;
  /** FIFO only: behind so many messages SQS looks for no open group. @default 120,000 */
  readonly searchWindow?: number;
  /** Makes message ids. @default the queue's name and a counter */
  readonly newMessageId?: () => string;
  /** Chooses among deliverable messages (standard) or groups (FIFO). @default the oldest */
  readonly pick?: Chooser;
}

type WithoutDefault = "maxReceiveCount" | "deadLetterQueue" | "newMessageId";

export type ResolvedQueueConfig = Required<Omit<QueueConfig, WithoutDefault>> & {
  readonly [Key in WithoutDefault]: QueueConfig[Key] | undefined;
};

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** Fills in SQS's defaults and refuses what CreateQueue would refuse. */
export function resolveQueueConfig(config: QueueConfig): ResolvedQueueConfig {
  const resolved: ResolvedQueueConfig = {
    name: config.name,
    fifo: config.fifo,
    visibilityTimeoutMs: config.visibilityTimeoutMs ?? 30 * SECOND,
    delayMs: config.delayMs ?? 0,
    retentionMs: config.retentionMs ?? 4 * DAY,
    dedupWindowMs: config.dedupWindowMs ?? 300 * SECOND,
    deduplicationScope: config.deduplicationScope ?? "queue",
    contentBasedDeduplication: config.contentBasedDeduplication ?? false,
    maxReceiveCount: config.maxReceiveCount,
    deadLetterQueue: config.deadLetterQueue,
    maxMessageBytes: config.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    inFlightLimit: config.inFlightLimit ?? 120_000,
    searchWindow: config.searchWindow ?? 120_000,
    newMessageId: config.newMessageId,
    pick: config.pick ?? pickOldest,
  };
  requireName(resolved);
  requireRange("visibilityTimeoutMs", resolved.visibilityTimeoutMs, 0, MAX_VISIBILITY_MS);
  requireRange("delayMs", resolved.delayMs, 0, MAX_DELAY_MS);
  requireRange("retentionMs", resolved.retentionMs, 60 * SECOND, 14 * DAY);
  requireRange("maxMessageBytes", resolved.maxMessageBytes, 1_024, MAX_MESSAGE_BYTES);
  requireDeadLetterPolicy(resolved);
  return resolved;
}

function requireName({ name, fifo }: ResolvedQueueConfig): void {
  const stem = fifo && name.endsWith(".fifo") ? name.slice(0, -".fifo".length) : name;
  if (NAME.test(stem) && name.length <= 80 && (!fifo || stem !== name)) return;
  const rule = fifo ? 'A FIFO queue\'s name ends in ".fifo"' : "A standard queue's name has no dot";
  const reason = `${JSON.stringify(name)} is not a queue name. ${rule}; at most 80 letters, digits, - and _.`;
  throw new QueueError("InvalidParameterValue", reason);
}

function requireDeadLetterPolicy({
  name,
  fifo,
  maxReceiveCount,
  deadLetterQueue,
}: ResolvedQueueConfig): void {
  if (maxReceiveCount === undefined && deadLetterQueue === undefined) return;
  if (maxReceiveCount === undefined || deadLetterQueue === undefined) {
    throw new QueueError(
      "InvalidParameterValue",
      `${name}: set maxReceiveCount and deadLetterQueue together.`,
    );
  }
  requireRange("maxReceiveCount", maxReceiveCount, 1, 1_000);
  if (deadLetterQueue.fifo === fifo) return;
  const kind = fifo ? "FIFO" : "standard";
  const reason = `${name} is ${kind}, but its dead-letter queue ${deadLetterQueue.name} is not; both must be ${kind}.`;
  throw new QueueError("InvalidParameterValue", reason);
}
