import { decidedIntent } from "#contracts/decided-intent.ts";
import type { DaySpan, InquirySlots, TimeSpan } from "#contracts/inquiry.ts";
import type { Booking, Scheduling, SchedulingView, VisitSlot } from "#contracts/scheduling.ts";
import type { Service } from "#contracts/vocabulary.ts";
import type { AbortSignalLike } from "#core/contract.ts";
import type { Calendar, CalendarAnswer, CalendarEffect } from "./calendar.ts";
import { distance, isOpen, lastDay, refusal, suits } from "./openings.ts";

export interface SchedulingTask {
  readonly context: SchedulingView;
  readonly idempotencyKey: string;
  readonly signal: AbortSignalLike;
}

const MOST_ALTERNATIVES = 3;
type Offer = Extract<Scheduling, { outcome: "offered" }>["reason"];

const outcomeOf = (effect: CalendarEffect): Scheduling => {
  switch (effect.act) {
    case "booked":
      return { outcome: "booked", booking: effect.booking };
    case "moved":
      return { outcome: "moved", booking: effect.booking, previous: effect.previous };
    case "cancelled":
      return { outcome: "cancelled", booking: effect.booking };
  }
};

/** After the deadline nobody waits for the answer any more, so nothing may be changed any more. */
const stopWhenAborted = (signal: AbortSignalLike): void => {
  if (signal.aborted)
    throw new Error("The task was aborted before the calendar was changed.", { cause: signal.reason });
};

const openSlots = async (
  task: SchedulingTask,
  calendar: Calendar,
  service: Service,
): Promise<readonly VisitSlot[]> => {
  const view = task.context;
  const slots = await calendar.free({ service, from: view.session.today, until: lastDay(view) });
  return slots.filter((slot) => isOpen(slot, view));
};

const offer = (
  reason: Offer,
  open: readonly VisitSlot[],
  date: DaySpan | undefined,
  time: TimeSpan | undefined,
): Scheduling => {
  const ranked =
    date === undefined ? open : [...open].sort((a, b) => distance(a, date, time) - distance(b, date, time));
  // Two crews that are free at the same time are one choice for the customer.
  const starts = new Set<string>();
  const alternatives = ranked.filter(({ date: day, start }) => {
    const fresh = !starts.has(`${day}T${start}`);
    starts.add(`${day}T${start}`);
    return fresh;
  });
  return { outcome: "offered", reason, alternatives: alternatives.slice(0, MOST_ALTERNATIVES) };
};

/** Puts the visit into the first slot that suits, or offers the nearest ones. */
const place = async (
  task: SchedulingTask,
  calendar: Calendar,
  service: Service,
  { date, time }: InquirySlots,
  act: (slot: VisitSlot) => Promise<CalendarAnswer>,
): Promise<Scheduling> => {
  const open = await openSlots(task, calendar, service);
  if (date === undefined)
    return offer(
      "no-date",
      time ? open.filter((slot) => suits(slot, { from: slot.date, until: slot.date }, time)) : open,
      undefined,
      time,
    );
  const refused = refusal(date, task.context);
  if (refused !== undefined) return offer(refused, open, date, time);
  const taken: VisitSlot[] = [];
  for (const slot of open.filter((candidate) => suits(candidate, date, time))) {
    stopWhenAborted(task.signal);
    const answer = await act(slot);
    if (answer.act !== "refused") return outcomeOf(answer);
    if (answer.reason === "unknown") return { outcome: "not-found" };
    taken.push(slot);
  }
  return offer(
    "no-slot",
    open.filter((slot) => !taken.includes(slot)),
    date,
    time,
  );
};

const within = (booking: Booking, span: DaySpan | undefined): boolean =>
  span === undefined || (booking.slot.date >= span.from && booking.slot.date <= span.until);

/** The one standing booking that the customer means. Others' bookings are not found, whatever reference is given. */
const meant = async (
  view: SchedulingView,
  slots: InquirySlots,
  calendar: Calendar,
): Promise<Booking | Scheduling> => {
  const own = await calendar.bookingsOf(view.session.who);
  const { reference, service, currentDate } = slots;
  if (reference !== undefined) {
    return own.find((booking) => booking.reference === reference) ?? { outcome: "not-found", reference };
  }
  const candidates = own.filter(
    (booking) => (service === undefined || booking.service === service) && within(booking, currentDate),
  );
  const [first] = candidates;
  if (first === undefined) return { outcome: "not-found" };
  return candidates.length === 1 ? first : { outcome: "unclear", missing: "booking", candidates };
};

/**
 * Books, moves or cancels a visit as the context says. One task changes the calendar once: a later attempt finds what
 * an earlier one did under the same idempotency key and gives that as its answer.
 */
export const arrange = async (
  task: SchedulingTask,
  needs: { readonly calendar: Calendar },
): Promise<Scheduling> => {
  const { calendar } = needs;
  const { context: view, idempotencyKey } = task;
  const earlier = await calendar.doneUnder(idempotencyKey);
  if (earlier) return outcomeOf(earlier);

  const slots = view.inquiry?.slots ?? {};
  const intent = decidedIntent(view);
  if (intent === "book") {
    const { service } = slots;
    if (service === undefined) return { outcome: "unclear", missing: "service", candidates: [] };
    return place(task, calendar, service, slots, (slot) =>
      calendar.book({ idempotencyKey, who: view.session.who, service, slot }),
    );
  }
  if (intent !== "reschedule" && intent !== "cancel") return { outcome: "not-asked" };

  const booking = await meant(view, slots, calendar);
  if (!("slot" in booking)) return booking;
  if (intent === "reschedule") {
    return place(task, calendar, booking.service, slots, (slot) =>
      calendar.move({ idempotencyKey, reference: booking.reference, slot }),
    );
  }
  stopWhenAborted(task.signal);
  const answer = await calendar.cancel({ idempotencyKey, reference: booking.reference });
  return answer.act === "refused"
    ? { outcome: "not-found", reference: booking.reference }
    : outcomeOf(answer);
};
