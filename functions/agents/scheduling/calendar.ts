import type { Day } from "#contracts/day.ts";
import type { Booking, VisitSlot } from "#contracts/scheduling.ts";
import type { Service } from "#contracts/vocabulary.ts";

/** One act on the calendar, as it was done. */
export type CalendarEffect =
  | { readonly act: "booked"; readonly booking: Booking }
  | { readonly act: "moved"; readonly booking: Booking; readonly previous: VisitSlot }
  | { readonly act: "cancelled"; readonly booking: Booking };

/** A slot that somebody else took first, or a booking that is gone, is an answer and not an error. */
export type CalendarAnswer =
  CalendarEffect | { readonly act: "refused"; readonly reason: "taken" | "unknown" };

/**
 * The business's calendar. An act under an idempotency key that was seen before must change nothing and give the first
 * act's answer again, whatever it asks for. A slot has one booking at most.
 */
export interface Calendar {
  /** Free slots in the order of their start; both days belong to the span. */
  free(query: {
    readonly service: Service;
    readonly from: Day;
    readonly until: Day;
  }): Promise<readonly VisitSlot[]>;
  /** Standing bookings of one customer, in the order of their start. */
  bookingsOf(who: string): Promise<readonly Booking[]>;
  /** What was done under this key. */
  doneUnder(idempotencyKey: string): Promise<CalendarEffect | undefined>;
  book(order: {
    readonly idempotencyKey: string;
    readonly who: string;
    readonly service: Service;
    readonly slot: VisitSlot;
  }): Promise<CalendarAnswer>;
  move(order: {
    readonly idempotencyKey: string;
    readonly reference: string;
    readonly slot: VisitSlot;
  }): Promise<CalendarAnswer>;
  cancel(order: { readonly idempotencyKey: string; readonly reference: string }): Promise<CalendarAnswer>;
}
