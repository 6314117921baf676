import { schedulingOutput, type Booking } from "#contracts/scheduling.ts";
import type { Commit } from "#core/session/commit.ts";

/**
 * The bookings that a log's sessions arranged and that still stand: the calendar in memory is gone with its process, the
 * log is not.
 */
export function standingBookings(commits: readonly Commit[]): readonly Booking[] {
  const standing = new Map<string, Booking>();
  const inOrder = [...commits].sort((a, b) => a.seen.now - b.seen.now);
  for (const event of inOrder.flatMap(({ events }) => events)) {
    if (event.type !== "AnswerApplied") continue;
    const { data } = schedulingOutput.safeParse(event.data.result);
    if (data?.outcome === "booked" || data?.outcome === "moved")
      standing.set(data.booking.reference, data.booking);
    if (data?.outcome === "cancelled") standing.delete(data.booking.reference);
  }
  return [...standing.values()];
}
