import { addDays, dayNumber, weekdayOf } from "#contracts/day.ts";
import type { Day } from "#contracts/day.ts";
import type { DaySpan, TimeSpan } from "#contracts/inquiry.ts";
import type { VisitSlot } from "#contracts/scheduling.ts";
import type { Constraints, Input, Session } from "#contracts/sections.ts";

export interface Limits {
  readonly input: Input;
  readonly session: Session;
  readonly constraints: Constraints;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const DAY_MINUTES = 24 * 60;

/** Minutes since 1970 of a local day and time. */
const momentOf = (day: Day, time: string): number => dayNumber(day) * DAY_MINUTES + minutesOf(time);

/** Without a time of arrival the rest of today is too soon to promise. */
const earliestMoment = ({ input, session, constraints }: Limits): number => {
  const [day, time] = input.receivedAt?.split("T") ?? [];
  const now =
    day !== undefined && time !== undefined
      ? momentOf(day, time)
      : momentOf(addDays(session.today, 1), "00:00");
  return now + constraints.noticeHours * 60;
};

export const lastDay = ({ session, constraints }: Limits): Day =>
  addDays(session.today, constraints.horizonDays);

/** Whether the business can make the visit at all: opening hours, closed days, notice, horizon. */
export const isOpen = (slot: VisitSlot, limits: Limits): boolean =>
  slot.start >= limits.constraints.openFrom &&
  slot.end <= limits.constraints.openUntil &&
  !limits.constraints.closedOn.includes(weekdayOf(slot.date)) &&
  momentOf(slot.date, slot.start) >= earliestMoment(limits) &&
  slot.date <= lastDay(limits);

/** Whether the slot starts when the customer wants it: at an exact time, or within a span of the day. */
export const suits = (slot: VisitSlot, date: DaySpan, time: TimeSpan | undefined): boolean =>
  slot.date >= date.from &&
  slot.date <= date.until &&
  (time === undefined ||
    (time.from === time.until
      ? slot.start === time.from
      : slot.start >= time.from && slot.start < time.until));

/** Why nothing can be arranged in this span, when the limits alone already say so. */
export const refusal = (date: DaySpan, limits: Limits): "too-soon" | "too-far" | "closed" | undefined => {
  if (date.from > lastDay(limits)) return "too-far";
  if (momentOf(date.until, limits.constraints.openUntil) < earliestMoment(limits)) return "too-soon";
  for (let day = date.from; day <= date.until; day = addDays(day, 1)) {
    if (!limits.constraints.closedOn.includes(weekdayOf(day))) return undefined;
  }
  return "closed";
};

/** Minutes between a slot's start and the start of what was wanted; with no time wanted only the day counts. */
export const distance = (slot: VisitSlot, date: DaySpan, time: TimeSpan | undefined): number => {
  const days =
    slot.date < date.from
      ? dayNumber(date.from) - dayNumber(slot.date)
      : slot.date > date.until
        ? dayNumber(slot.date) - dayNumber(date.until)
        : 0;
  const start = minutesOf(slot.start);
  const minutes =
    time === undefined ? 0 : Math.max(0, minutesOf(time.from) - start, start - minutesOf(time.until));
  return days * DAY_MINUTES + minutes;
};
