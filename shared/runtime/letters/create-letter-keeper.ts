import { boundedText } from "#core/problems.ts";
import type { Clock } from "#ports/clock.ts";
import type { TenantId } from "#core/ids.ts";
import type { Inbox } from "#ports/queues.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { Filing } from "./filing.ts";
import { Mark, markKey, type LetterName } from "./letter-name.ts";
import { lookUp, type SessionStores } from "./look-up.ts";
import { readLetter, type DeadLetter, type LetterReading } from "./read-letter.ts";

/** A letter as it arrives. */
export interface ArrivedLetter extends DeadLetter {
  /** When its message was sent, ms: the same however often it is delivered. */
  readonly sentAt: number;
  /** Its place in its FIFO group. */
  readonly sequence?: string;
  /** Why it is one, where that was said; without a cause it was received too often. */
  readonly cause?: string;
}

/**
 * `sent` to its session and watched over; `parked` for an operator; `lost`: it names no session; `expired`: retention has
 * ended its session; `returned` and let go.
 */
export type Kept = "sent" | "parked" | "lost" | "expired" | "returned";

export interface LetterKeeperPorts extends LetterReading {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly filing: Filing;
  readonly inbox: Inbox;
  readonly watch: (name: LetterName) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
  /**
   * Whether bodies of a tenant's letters are kept sealed, under the keys of their sessions: a session that has ended gets no key any
   * more. @default none are
   */
  readonly seals?: (tenant: TenantId) => boolean;
}

/**
 * Keeps every dead letter before it tells its session. A letter of a session that cannot be read is parked at once: in the inbox it
 * would only come back. Of one whose session has ended, and whose body could only be kept in plain, nothing is kept but its name.
 */
export function createLetterKeeper(ports: LetterKeeperPorts): (letter: ArrivedLetter) => Promise<Kept> {
  const { stores, box, filing, inbox, watch } = ports;
  const seals = ({ key }: LetterName): boolean => key !== undefined && ports.seals?.(key.tenant) === true;
  return async (arrived) => {
    const read = await readLetter(arrived, ports);
    if (read.type === "returned") return "returned";
    const name = nameOf(arrived, read);
    const found = "key" in read ? await lookUp(stores, read.key, name) : undefined;
    const gone = found === "expired" || found === "erased" ? found : undefined;
    if (gone === undefined || !seals(name)) await box.put(markKey(name, Mark.body), arrived.body);
    if (read.type === "nobody's") {
      await filing.mark(name, Mark.lost, { cause: boundedText(arrived.cause ?? "It names no session.") });
      return "lost";
    }
    if (gone !== undefined) {
      await filing.expire(name, gone);
      return "expired";
    }
    if (read.type === "unrelayed") {
      await filing.park(name, "Its commit could not be relayed.");
      return "parked";
    }
    if (found === "unreadable") {
      await filing.park(name, "The log of its session cannot be read.");
      return "parked";
    }
    await watch(name);
    await inbox.send({ key: read.key, input: read.input });
    return "sent";
  };
}

function nameOf(
  { sentAt, sequence = "0", id, queue }: ArrivedLetter,
  read: Awaited<ReturnType<typeof readLetter>>,
): LetterName {
  return { letter: `${sentAt}-${sequence}-${id}`, queue, ...("key" in read && { key: read.key }) };
}
