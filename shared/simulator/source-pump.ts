import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import type { Queue } from "#memory/queue/queue.ts";
import { isForNewer, type Handler } from "#testing/in-process/handlers.ts";
import type { Source } from "#testing/in-process/in-process-queues.ts";
import { returnedIn, returnSoon } from "#testing/in-process/return-soon.ts";
import { between } from "#memory/seeded-chance.ts";
import type { Chaos } from "./chaos.ts";
import { OFFERS, Worker, type Ground } from "./worker.ts";

/** What no message kills: a letter is only kept, and of a commit its place alone is a message. */
const UNHARMED: readonly Source["duty"]["type"][] = ["dead-letters", "commits"];

/** What the pump asks of the world. */
export interface Staff {
  /** The function on a queue, run by a new worker. */
  hire(source: Source, worker: Worker): Handler;
  /** How many batches of a source may be worked on at once. */
  concurrency(source: Source): number;
  /** A task's message came out of its queue for the first time; `waitedMs` without what held its queue up. */
  received(task: TaskMessage, waitedMs: number): void;
}

interface Line {
  readonly source: Source;
  readonly name: string;
  wakeAt: number;
  polls: number;
  batches: number;
  pausedUntil: number;
}

/** Feeds queues to their functions in virtual time: late, twice, side by side, as Lambda's pollers may. */
export class SourcePump {
  readonly #ground: Ground;
  readonly #staff: Staff;
  readonly #lines = new Map<Queue, Line>();

  constructor(sources: readonly Source[], ground: Ground, staff: Staff) {
    this.#ground = ground;
    this.#staff = staff;
    for (const source of sources) {
      const { duty, queue } = source;
      const name = duty.type === "dead-letters" ? `dead/${duty.of}` : queue.name.replace(".fifo", "");
      this.#lines.set(queue, { source, name, wakeAt: Infinity, polls: 0, batches: 0, pausedUntil: 0 });
    }
  }

  /** Something was sent to a queue. */
  sent(queue: Queue): void {
    const line = this.#lines.get(queue);
    if (line !== undefined)
      this.#wake(line, between(this.#ground.seed, `${line.name} poll ${line.polls}`, 1, 25));
  }

  #wake(line: Line, ms: number): void {
    const { scheduler } = this.#ground;
    const at = scheduler.now + Math.max(0, ms);
    if (line.wakeAt <= at) return;
    line.wakeAt = at;
    scheduler.after(at - scheduler.now, () => {
      if (line.wakeAt !== at) return false;
      line.wakeAt = Infinity;
      return this.#poll(line);
    });
  }

  #poll(line: Line): boolean {
    const { scheduler, chaos } = this.#ground;
    const { queue, mapping } = line.source;
    line.polls += 1;
    const late = chaos.at(`${line.name} poll#${line.polls}`, ["delayed-delivery"]);
    if (late !== undefined) {
      line.pausedUntil = scheduler.now + late.value;
      this.#wake(line, late.value);
      return false;
    }
    let some = false;
    const most = this.#staff.concurrency(line.source);
    while (mapping.activeBatches < most) {
      const batch = mapping.poll(scheduler.now);
      if (batch === undefined) break;
      some = true;
      this.#take(line, batch);
    }
    this.#next(line);
    const letters = queue.config.deadLetterQueue;
    if (letters !== undefined && letters.counts(scheduler.now).visible > 0) this.sent(letters);
    return some;
  }

  /** Comes back when a hidden message shows. */
  #next(line: Line): void {
    const { now } = this.#ground.scheduler;
    const next = line.source.queue.nextEventAt(now);
    if (next !== undefined) this.#wake(line, next - now);
  }

  #take(line: Line, batch: Batch): void {
    const { scheduler, chaos } = this.#ground;
    line.batches += 1;
    const name = `${line.name} ${line.batches}`;
    this.#note(line, batch);
    this.#invoke(line, batch, name, (outcome) => {
      line.source.mapping.complete(scheduler.now, batch, outcome);
      this.#wake(line, 1);
      this.#next(line);
    });
    if (line.source.queue.fifo) {
      const expired = chaos.at(`${name} visibility`, ["visibility-expired"]);
      if (expired !== undefined) scheduler.after(expired.value, () => this.#expire(line, batch));
    } else {
      const twice = chaos.at(`${name} twice`, ["duplicate-delivery"]);
      if (twice !== undefined)
        scheduler.after(twice.value, () => this.#invoke(line, batch, `${name} again`, () => undefined));
    }
  }

  /** The messages show again while their first consumer still runs. */
  #expire(line: Line, batch: Batch): void {
    const { now } = this.#ground.scheduler;
    const { queue } = line.source;
    for (const { receiptHandle } of batch.messages) {
      try {
        queue.changeVisibility(now, receiptHandle, 0);
      } catch {
        // Done already: the message is gone.
      }
    }
    this.#wake(line, 1);
  }

  #invoke(
    line: Line,
    batch: Batch,
    name: string,
    complete: (
      outcome: { readonly type: "ok"; readonly response: unknown } | { readonly type: "error" },
    ) => void,
  ): void {
    const { scheduler } = this.#ground;
    const worker = new Worker(name, this.#ground);
    const handler = this.#staff.hire(line.source, worker);
    const limit = scheduler.after(Math.max(1, batch.deadline - scheduler.now), () => {
      worker.stop();
      complete({ type: "error" });
    });
    const isPoisoned = batch.messages.some(
      ({ messageId }) =>
        this.#ground.chaos.at(
          `message ${messageId}`,
          UNHARMED.includes(line.source.duty.type) ? [] : ["poisoned"],
        ) !== undefined,
    );
    worker.start(
      () => (isPoisoned ? dieOf(worker) : this.#work(line, batch, worker, handler)),
      (outcome) => {
        limit.happening = undefined;
        complete(outcome.type === "ok" ? { type: "ok", response: outcome.value } : { type: "error" });
      },
    );
  }

  /** Runs the function, which lets what it gives back come again soon: a call that may fail like any other. */
  async #work({ source }: Line, batch: Batch, worker: Worker, handler: Handler): Promise<unknown> {
    const giveBack = async (returned: readonly ReceivedMessage[]): Promise<void> => {
      if (returned.length === 0) return;
      const forNewer = (id: string): boolean => isForNewer(batch, id);
      const shorten = () =>
        Promise.resolve(returnSoon(source, this.#ground.scheduler.now, returned, forNewer));
      // Then they wait out their visibility.
      await worker.call("queue.return", OFFERS.write, shorten).catch(() => undefined);
    };
    try {
      const response = await handler(batch);
      await giveBack(returnedIn(batch, response));
      return response;
    } catch (error) {
      await giveBack(batch.messages);
      throw error;
    }
  }

  #note(line: Line, batch: Batch): void {
    const { duty } = line.source;
    if (duty.type !== "agent") return;
    for (const { body, receiveCount, sentAt } of batch.messages) {
      if (receiveCount > 1) continue;
      const from = Math.max(sentAt, line.pausedUntil);
      // Our own dispatch wrote the body.
      this.#staff.received(JSON.parse(body) as TaskMessage, this.#ground.scheduler.now - from);
    }
  }
}

/** A message that ends whoever takes it. */
function dieOf(worker: Worker): Promise<never> {
  worker.die();
  return new Promise(() => undefined);
}

/** Which of some deliverable messages comes first. */
export function createPick(chaos: Chaos): (candidates: number) => number {
  let picks = 0;
  return (candidates) => {
    if (candidates < 2) return 0;
    const fault = chaos.at(`pick#${++picks}`, ["reordered"]);
    return fault === undefined ? 0 : fault.value % candidates;
  };
}
