import type { Inbox } from "#ports/queues.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { Filing } from "./filing.ts";
import {
  awaitingPrefix,
  Mark,
  markKey,
  messageIdOf,
  readAwaitingKey,
  type LetterName,
} from "./letter-name.ts";
import { lookUp, type SessionStores } from "./look-up.ts";
import { readLetter, type LetterReading } from "./read-letter.ts";
import { isLastRound, startOfRound, type Watch } from "./watch.ts";

/** How an execution goes on: with the next page at once, with another round after its wait, or not at all. */
export interface Confirmed extends Watch {
  readonly next: "page" | "round" | "done";
}

export interface LetterConfirmerPorts extends LetterReading {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly filing: Filing;
  readonly inbox: Inbox;
  readonly onEnded?: (mark: "recorded" | "parked" | "expired") => void;
}

/** Letters of one call: their sessions are read within a few seconds. */
const PAGE = 100;
const SIDE_BY_SIDE = 10;

/**
 * Confirms that sessions recorded the letters of one span of time, a page at a time. One that is missing is sent again;
 * after the last round, or where its session cannot be read, it is parked. One whose session needs a newer version waits. What has ended leaves the list, so that a
 * later round looks at the rest only. All of it may happen twice.
 */
export function createLetterConfirmer(ports: LetterConfirmerPorts): (watch: Watch) => Promise<Confirmed> {
  const { stores, box, filing, inbox, onEnded } = ports;

  const sendAgain = async (name: LetterName): Promise<void> => {
    const body = await box.get(markKey(name, Mark.body));
    const read = await readLetter({ queue: name.queue, id: messageIdOf(name), body: body ?? "" }, ports);
    if (read.type === "letter") await inbox.send({ key: read.key, input: read.input });
  };

  /** Whether it is still missing. */
  const confirm = async (listed: string, round: number): Promise<boolean> => {
    const name = readAwaitingKey(listed);
    const found = name.key === undefined ? "missing" : await lookUp(stores, name.key, name);
    if ((found === "missing" || found === "newer") && !isLastRound(round)) {
      if (found === "missing") await sendAgain(name);
      return true;
    }
    if (found === "recorded") await filing.mark(name, Mark.recorded, {});
    else if (found === "expired" || found === "erased") await filing.expire(name, found);
    else if (found === "unreadable") await filing.park(name, "The log of its session cannot be read.");
    else if (found === "newer") await filing.park(name, "The log of its session has a newer version.");
    else await filing.park(name, "Its session did not record it.");
    await box.remove(listed);
    onEnded?.(endOf(found));
    return false;
  };

  return async ({ bucket, round, after, missing, waitSeconds }) => {
    const listed = await box.list(awaitingPrefix(bucket), PAGE, after);
    let stillMissing = missing;
    for (let from = 0; from < listed.length; from += SIDE_BY_SIDE) {
      const some = listed.slice(from, from + SIDE_BY_SIDE);
      const found = await Promise.all(some.map((one) => confirm(one, round)));
      stillMissing += found.filter(Boolean).length;
    }
    if (listed.length === PAGE)
      return { bucket, round, after: listed.at(-1) ?? "", missing: stillMissing, waitSeconds, next: "page" };
    if (stillMissing > 0) return { ...startOfRound(bucket, round + 1), next: "round" };
    return { bucket, round, after: "", missing: 0, waitSeconds, next: "done" };
  };
}

function endOf(found: Awaited<ReturnType<typeof lookUp>>): "recorded" | "parked" | "expired" {
  if (found === "recorded") return found;
  return found === "expired" || found === "erased" ? "expired" : "parked";
}
