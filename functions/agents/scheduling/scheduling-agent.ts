import { decidedIntent } from "#contracts/decided-intent.ts";
import type { DaySpan, InquirySlots, TimeSpan } from "#contracts/inquiry.ts";
import { scheduling } from "#contracts/scheduling.ts";
import type { Booking, Scheduling, SchedulingView, VisitSlot } from "#contracts/scheduling.ts";
import type { Service } from "#contracts/vocabulary.ts";
import type { Agent, ResolvedDoubt } from "#core/contract.ts";
import { messageOf, SpineError } from "#core/errors.ts";
import type { Calendar, CalendarAnswer, CalendarEffect } from "./calendar.ts";
import { distance, isOpen, lastDay, refusal, suits } from "./openings.ts";

export interface SchedulingTask {
  readonly context: SchedulingView;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

type Offer = Extract<Scheduling, { outcome: "offered" }>["reason"];
/** Runs one act on the calendar, unless the task was aborted. */
type Act = (perform: () => Promise<CalendarAnswer>) => Promise<CalendarAnswer>;

const MOST_ALTERNATIVES = 3;

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

/** The free slots that come nearest to what was wanted. Two crews free at one time are one choice for the customer. */
const offer = (
  reason: Offer,
  open: readonly VisitSlot[],
  date: DaySpan | undefined,
  time: TimeSpan | undefined,
): Scheduling => {
  const ranked =
    date === undefined ? open : [...open].sort((a, b) => distance(a, date, time) - distance(b, date, time));
  const byStart = new Map(ranked.toReversed().map((slot) => [`${slot.date}T${slot.start}`, slot]));
  const alternatives = ranked.filter((slot) => byStart.get(`${slot.date}T${slot.start}`) === slot);
  return { outcome: "offered", reason, alternatives: alternatives.slice(0, MOST_ALTERNATIVES) };
};

const suitsAnyDay = (slot: VisitSlot, time: TimeSpan | undefined): boolean =>
  suits(slot, { from: slot.date, until: slot.date }, time);

/** Puts the visit into the first slot that suits, or offers the nearest ones. */
const book = async (
  view: SchedulingView,
  calendar: Calendar,
  service: Service,
  { date, time }: Pick<InquirySlots, "date" | "time">,
  take: (slot: VisitSlot) => Promise<CalendarAnswer>,
): Promise<Scheduling> => {
  const free = await calendar.free({ service, from: view.session.today, until: lastDay(view) });
  const open = free.filter((slot) => isOpen(slot, view));
  if (date === undefined) {
    const suiting = open.filter((slot) => suitsAnyDay(slot, time));
    return offer("no-date", suiting, undefined, time);
  }
  const refused = refusal(date, view);
  if (refused !== undefined) return offer(refused, open, date, time);
  const taken = new Set<VisitSlot>();
  for (const slot of open.filter((candidate) => suits(candidate, date, time))) {
    const answer = await take(slot);
    if (answer.act !== "refused") return outcomeOf(answer);
    if (answer.reason === "unknown") return { outcome: "not-found" };
    taken.add(slot);
  }
  const left = open.filter((slot) => !taken.has(slot));
  return offer("no-slot", left, date, time);
};

const within = ({ slot }: Booking, span: DaySpan | undefined): boolean =>
  span === undefined || (slot.date >= span.from && slot.date <= span.until);

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

const arrangeBy = async (task: SchedulingTask, calendar: Calendar, act: Act): Promise<Scheduling> => {
  const { context: view, idempotencyKey } = task;
  const earlier = await calendar.doneUnder(idempotencyKey);
  if (earlier) return outcomeOf(earlier);

  const slots = view.inquiry?.slots ?? {};
  const intent = decidedIntent(view);
  if (intent === "book") {
    const { service } = slots;
    if (service === undefined) return { outcome: "unclear", missing: "service", candidates: [] };
    return book(view, calendar, service, slots, (slot) =>
      act(() => calendar.book({ idempotencyKey, who: view.session.who, service, slot })),
    );
  }
  if (intent !== "reschedule" && intent !== "cancel") return { outcome: "not-asked" };

  const booking = await meant(view, slots, calendar);
  if (!("slot" in booking)) return booking;
  const { reference, service, slot: current } = booking;
  if (intent === "reschedule") {
    // Another time without another day is another time of the same day.
    const sameDay = slots.time && { from: current.date, until: current.date };
    const date = slots.date ?? sameDay;
    return book(view, calendar, service, { ...slots, ...(date && { date }) }, (slot) =>
      act(() => calendar.move({ idempotencyKey, reference, slot })),
    );
  }
  const answer = await act(() => calendar.cancel({ idempotencyKey, reference }));
  return answer.act === "refused" ? { outcome: "not-found", reference } : outcomeOf(answer);
};

/**
 * Books, moves or cancels a visit as the context says. One task changes the calendar once: a later attempt finds what
 * an earlier one did under the same idempotency key and gives that as its answer. Fails with effect
 * `not-done` when it is certain that the calendar is unchanged, and with the calendar's own error when it is in doubt.
 */
export const arrange = async (
  task: SchedulingTask,
  needs: { readonly calendar: Calendar },
): Promise<Scheduling> => {
  let inDoubt = false;
  const act: Act = async (perform) => {
    // After the deadline nobody waits for the answer any more, so nothing may be changed any more.
    if (task.signal.aborted) throw new Error("The task was aborted before it changed the calendar.");
    inDoubt = true;
    const answer = await perform();
    inDoubt = false;
    return answer;
  };
  try {
    return await arrangeBy(task, needs.calendar, act);
  } catch (error) {
    if (inDoubt) throw error;
    throw new SpineError("agent.failed", `The calendar is unchanged. ${messageOf(error)}`, {
      retryable: true,
      details: { effect: "not-done" },
      cause: error,
    });
  }
};

/** Asks the calendar what it did under a task's key. */
const findOut = async (
  { idempotencyKey }: Pick<SchedulingTask, "idempotencyKey">,
  { calendar }: { readonly calendar: Calendar },
): Promise<ResolvedDoubt<Scheduling>> => {
  const effect = await calendar.doneUnder(idempotencyKey);
  return effect === undefined ? { happened: false } : { happened: true, result: outcomeOf(effect) };
};

/** The agent on a calendar. */
export const createAgent = (needs: { readonly calendar: Calendar }): Agent =>
  scheduling.implement(
    (task) => arrange(task, needs),
    (task) => findOut(task, needs),
  );
