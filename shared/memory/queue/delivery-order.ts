import type { MessageState, StoredMessage } from "./message.ts";

/** Chooses among candidates; must answer a whole number from 0 to `candidates - 1`. 0 is the oldest. */
export type Chooser = (candidates: number) => number;

export const pickOldest: Chooser = () => 0;

/** Which message a queue hands out next. The queue tells it of every change, after the change. */
export interface DeliveryOrder {
  add(message: StoredMessage): void;
  changed(message: StoredMessage, from: MessageState): void;
  remove(message: StoredMessage): void;
  /** The oldest message that a receive could return now. */
  oldest(): StoredMessage | undefined;
  /**
   * Offers deliverable messages until `max` are taken. `offer` either puts the message in flight (true) or removes it
   * from the queue (false).
   */
  take(max: number, offer: (message: StoredMessage) => boolean): void;
}

/** The candidate that the caller's choice names. */
export function chosen<T>(pick: Chooser, size: number, at: (slot: number) => T | undefined): T | undefined {
  if (size === 0) return undefined;
  const slot = pick(size);
  const candidate = at(slot);
  if (candidate === undefined) throw new RangeError(`pick answered ${slot} for ${size} candidates.`);
  return candidate;
}
