import type { Digest } from "#ports/digest.ts";
import type { Handler } from "../in-process/handlers.ts";
import type { Queue } from "#memory/queue/queue.ts";
import type { QueuePorts, Queues } from "../in-process/queues.ts";
import type { Records } from "./observations.ts";
import { redrive, type KeptLetter } from "./redrive.ts";
import type { Ground } from "./worker.ts";

/** Keeps what recovery was given, as it is kept in production; somebody may give a letter another chance much later. */
export class Letters {
  /** Bodies that name no session. */
  readonly lost: string[] = [];
  readonly #ground: Ground;
  readonly #records: Records;
  readonly #ports: QueuePorts;
  readonly #digest: Digest;
  readonly #kept = new Set<string>();
  /** Letters whose groups had later messages: those run before. */
  overtaken = 0;

  constructor(ground: Ground, records: Records, queues: Queues, ports: QueuePorts, digest: Digest) {
    this.#ground = ground;
    this.#records = records;
    this.#ports = ports;
    this.#digest = digest;
    this.#countOvertaken(queues.inbox);
  }

  #countOvertaken(queue: Queue): void {
    const groups = new Map<string, number>();
    queue.watch((change, { groupId = "" }) =>
      groups.set(groupId, (groups.get(groupId) ?? 0) + (change === "came" ? 1 : -1)),
    );
    queue.config.deadLetterQueue?.watch((change, { groupId = "" }) => {
      if (change === "came" && (groups.get(groupId) ?? 0) > 0) this.overtaken += 1;
    });
  }

  /** Recovery's handler, with what it is given noted when it is done. */
  keep(queue: string, handle: Handler): Handler {
    return async (batch) => {
      const response = await handle(batch);
      for (const { messageId, body } of batch.messages) this.#note({ queue, id: messageId, body });
      return response;
    };
  }

  #note(letter: KeptLetter): void {
    const name = nameOf(letter);
    if (this.#kept.has(name) || this.lost.includes(letter.body)) return;
    this.#kept.add(name);
    // Our own ports wrote the body.
    const { session, input } = JSON.parse(letter.body) as {
      readonly session: string;
      readonly input?: { readonly kind: string; readonly queue: string; readonly id: string };
    };
    const { letters } = this.#records.of(session);
    letters.add(name);
    // A letter that was given up itself is told of by the letter about it.
    if (input?.kind === "letter") letters.delete(nameOf(input));
    const again = this.#ground.chaos.at(`letter ${name}`, ["redriven"]);
    if (again === undefined) return;
    this.#ground.scheduler.after(again.value, () => void redrive(letter, this.#ports, this.#digest));
  }
}

const nameOf = ({ queue, id }: { readonly queue: string; readonly id: string }): string => `${queue} ${id}`;
