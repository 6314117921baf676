import type { Queue } from "./queue.ts";
import { QueueError, requireRange } from "./queue-error.ts";

export interface MoveOptions {
  /** A queue that some other queue names as its dead-letter queue. */
  readonly from: Queue;
  /** @default for each message the queue that gave it up */
  readonly to?: Queue;
  /** 1 to 500. @default as fast as the task is advanced */
  readonly messagesPerSecond?: number;
}

export type MoveStatus = "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";

const running = new WeakMap<Queue, MoveTask>();

/**
 * StartMessageMoveTask: puts dead letters back, oldest first, between whatever the target receives meanwhile. It takes
 * what is deliverable (messages in flight stay) and completes when nothing is left to take. One task a queue runs.
 */
export class MoveTask {
  readonly #options: MoveOptions;
  readonly #startedAt: number;
  #status: MoveStatus = "RUNNING";
  #moved = 0;

  constructor(now: number, options: MoveOptions) {
    this.#options = options;
    this.#startedAt = now;
  }

  get status(): MoveStatus {
    return this.#status;
  }

  get moved(): number {
    return this.#moved;
  }

  /** Moves what is due by now; answers how many that were. */
  advance(now: number): number {
    const { from, to, messagesPerSecond } = this.#options;
    const due = messagesPerSecond === undefined ? Infinity : this.#dueBy(now, messagesPerSecond);
    const before = this.#moved;
    while (this.#status === "RUNNING" && this.#moved < due) {
      const next = from.peekForMove(now);
      const target = to ?? next?.source;
      if (next === undefined) this.#status = "COMPLETED";
      // A message that was sent here directly has no source to go back to.
      else if (target === undefined) this.#status = "FAILED";
      else {
        from.takeForMove(now);
        target.acceptRedriven(now, next.content);
        this.#moved += 1;
      }
    }
    return this.#moved - before;
  }

  /** When to advance next; undefined when the task has ended. */
  nextEventAt(): number | undefined {
    if (this.#status !== "RUNNING") return undefined;
    const rate = this.#options.messagesPerSecond;
    return rate === undefined ? this.#startedAt : this.#startedAt + Math.ceil((this.#moved * 1_000) / rate);
  }

  /** What has been moved stays moved. */
  cancel(): void {
    if (this.#status === "RUNNING") this.#status = "CANCELLED";
  }

  #dueBy(now: number, rate: number): number {
    return Math.floor(((now - this.#startedAt) * rate) / 1_000) + 1;
  }
}

export function startMove(now: number, options: MoveOptions): MoveTask {
  const { from, to, messagesPerSecond } = options;
  if (!from.isDeadLetterQueue) {
    throw new QueueError("InvalidParameterValue", `${from.name} is not the dead-letter queue of any queue.`);
  }
  if (to !== undefined && to.fifo !== from.fifo) {
    throw new QueueError(
      "InvalidParameterValue",
      `${from.name} and ${to.name} must both be FIFO or both be standard.`,
    );
  }
  if (messagesPerSecond !== undefined) requireRange("messagesPerSecond", messagesPerSecond, 1, 500);
  if (running.get(from)?.status === "RUNNING") {
    throw new QueueError("UnsupportedOperation", `A move from ${from.name} is already running.`);
  }
  const task = new MoveTask(now, options);
  running.set(from, task);
  return task;
}
