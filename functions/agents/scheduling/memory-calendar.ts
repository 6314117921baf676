import { addDays } from "#contracts/day.ts";
import type { Booking, VisitSlot } from "#contracts/scheduling.ts";
import type { Service } from "#contracts/vocabulary.ts";
import type { Calendar, CalendarAnswer, CalendarEffect } from "./calendar.ts";

export interface Crew {
  readonly name: string;
  readonly services: readonly Service[];
}

export interface RecordedEffect {
  readonly idempotencyKey: string;
  readonly effect: CalendarEffect;
}

export interface MemoryCalendar extends Calendar {
  bookings(): readonly Booking[];
  /** Every act that changed the calendar, in order. */
  effects(): readonly RecordedEffect[];
  /** Keys under which the calendar was changed more than once. */
  doubleEffects(): readonly {
    readonly idempotencyKey: string;
    readonly effects: readonly CalendarEffect[];
  }[];
}

export interface MemoryCalendarOptions {
  readonly crews?: readonly Crew[];
  readonly bookings?: readonly Booking[];
  /** Acts of an earlier life of this calendar, whose bookings are given too. */
  readonly effects?: readonly RecordedEffect[];
  /** Slots that are off for everybody: holidays, vans in repair. A slot without `start` blocks the whole day. */
  readonly blocked?: readonly { readonly crew?: string; readonly date: string; readonly start?: string }[];
  /**
   * `false` makes a target that knows no idempotency keys, so that a test sees whether a task acted twice.
   * @default true
   */
  readonly honoursKeys?: boolean;
}

export const CREWS: readonly Crew[] = [
  { name: "Amber", services: ["boiler-service", "boiler-repair", "plumbing"] },
  { name: "Birch", services: ["electrical", "appliance-repair"] },
  { name: "Cedar", services: ["deep-cleaning", "window-cleaning"] },
  { name: "Delta", services: ["gardening", "pest-control"] },
  { name: "Elm", services: ["painting", "roofing"] },
  { name: "Fern", services: ["locksmith", "plumbing"] },
];

const HOURS: readonly (readonly [string, string])[] = [
  ["08:00", "10:00"],
  ["10:00", "12:00"],
  ["13:00", "15:00"],
  ["15:00", "17:00"],
  ["17:00", "19:00"],
];
const FIRST_REFERENCE = 2001;

const numberOf = (reference: string): number => Number(reference.slice("HS-".length)) || 0;
const startOf = (slot: VisitSlot): string => `${slot.date}T${slot.start}`;
const sameSlot = (a: VisitSlot, b: VisitSlot): boolean => a.crew === b.crew && startOf(a) === startOf(b);
const inOrder = (a: Booking, b: Booking): number => startOf(a.slot).localeCompare(startOf(b.slot));

/** A calendar in memory. It keeps the port's rules and remembers every change, for tests and for the local spine. */
export const createMemoryCalendar = (options: MemoryCalendarOptions = {}): MemoryCalendar => {
  const { crews = CREWS, blocked = [], honoursKeys = true } = options;
  const standing = new Map<string, Booking>(
    (options.bookings ?? []).map((booking) => [booking.reference, booking]),
  );
  const done: RecordedEffect[] = [...(options.effects ?? [])];
  // A reference is never given twice, not even after its booking was cancelled.
  let next = Math.max(FIRST_REFERENCE, ...done.map(({ effect }) => numberOf(effect.booking.reference) + 1));

  const isTaken = (slot: VisitSlot): boolean =>
    [...standing.values()].some((booking) => sameSlot(booking.slot, slot));
  const isBlocked = (slot: VisitSlot): boolean =>
    blocked.some(
      ({ crew = slot.crew, date, start = slot.start }) =>
        crew === slot.crew && date === slot.date && start === slot.start,
    );
  const under = (idempotencyKey: string): CalendarEffect | undefined =>
    done.find((entry) => entry.idempotencyKey === idempotencyKey)?.effect;

  const act = (idempotencyKey: string, perform: () => CalendarAnswer): Promise<CalendarAnswer> => {
    const earlier = honoursKeys ? under(idempotencyKey) : undefined;
    if (earlier) return Promise.resolve(earlier);
    const answer = perform();
    if (answer.act !== "refused") done.push({ idempotencyKey, effect: answer });
    return Promise.resolve(answer);
  };

  return {
    free: ({ service, from, until }) => {
      const slots: VisitSlot[] = [];
      for (let date = from; date <= until; date = addDays(date, 1)) {
        for (const [start, end] of HOURS) {
          for (const crew of crews) {
            const slot = { crew: crew.name, date, start, end };
            if (crew.services.includes(service) && !isTaken(slot) && !isBlocked(slot)) slots.push(slot);
          }
        }
      }
      return Promise.resolve(slots);
    },
    bookingsOf: (who) =>
      Promise.resolve([...standing.values()].filter((booking) => booking.who === who).sort(inOrder)),
    doneUnder: (idempotencyKey) => Promise.resolve(honoursKeys ? under(idempotencyKey) : undefined),
    book: ({ idempotencyKey, who, service, slot }) =>
      act(idempotencyKey, () => {
        if (isTaken(slot)) return { act: "refused", reason: "taken" };
        while (standing.has(`HS-${next}`)) next++;
        const booking = { reference: `HS-${next++}`, who, service, slot };
        standing.set(booking.reference, booking);
        return { act: "booked", booking };
      }),
    move: ({ idempotencyKey, reference, slot }) =>
      act(idempotencyKey, () => {
        const before = standing.get(reference);
        if (!before) return { act: "refused", reason: "unknown" };
        if (isTaken(slot)) return { act: "refused", reason: "taken" };
        const booking = { ...before, slot };
        standing.set(reference, booking);
        return { act: "moved", booking, previous: before.slot };
      }),
    cancel: ({ idempotencyKey, reference }) =>
      act(idempotencyKey, () => {
        const booking = standing.get(reference);
        if (!booking) return { act: "refused", reason: "unknown" };
        standing.delete(reference);
        return { act: "cancelled", booking };
      }),
    bookings: () => [...standing.values()].sort(inOrder),
    effects: () => [...done],
    doubleEffects: () =>
      [...new Set(done.map((entry) => entry.idempotencyKey))]
        .map((idempotencyKey) => ({
          idempotencyKey,
          effects: done
            .filter((entry) => entry.idempotencyKey === idempotencyKey)
            .map((entry) => entry.effect),
        }))
        .filter(({ effects }) => effects.length > 1),
  };
};
