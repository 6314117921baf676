import type { Action, Row, Turn, UserTurn } from "./dialogue-schema.ts";

/** Canonical values that a slot may have; more than one only where a dialogue writes two values alike. */
export type Canonicals = ReadonlySet<string>;

/** What someone who followed the dialogue up to a user turn knows. */
export interface Recollection {
  /** What the services' slots held before the turn; the service spoken about last comes first. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, Canonicals>>;
  /** The rows that each service answered last. */
  readonly offers: ReadonlyMap<string, readonly Row[]>;
  readonly canonical: (values: readonly string[]) => Canonicals;
}

/** Follows the dialogue up to `current`, of which only what the user's own acts say is taken in. */
export function recollect(earlier: readonly Turn[], current: UserTurn): Recollection {
  const canonical = dictionary([...earlier, current]);
  const slots = new Map<string, ReadonlyMap<string, Canonicals>>();
  const offers = new Map<string, readonly Row[]>();
  for (const turn of earlier)
    for (const frame of turn.frames) {
      if ("state" in frame) {
        slots.delete(frame.service);
        const held = Object.entries(frame.state.slot_values);
        slots.set(frame.service, new Map(held.map(([slot, values]) => [slot, canonical(values)])));
      } else if (frame.service_results !== undefined && frame.service_results.length > 0)
        offers.set(frame.service, frame.service_results);
    }
  return { slots: new Map([...slots].reverse()), offers, canonical };
}

/** The slots that the user filled in so many words, with their canonical values. */
export function said(actions: readonly Action[]): ReadonlyMap<string, string> {
  const slots = new Map<string, string>();
  for (const { act, slot, canonical_values } of actions) {
    const value = canonical_values[0];
    if ((act === "INFORM" || act === "SELECT") && value !== undefined) slots.set(slot, value);
  }
  return slots;
}

/** Looks up what the given turns' value / canonical pairs say of a text; a text without a pair is canonical itself. */
export function dictionary(turns: readonly Turn[]): (values: readonly string[]) => Canonicals {
  const pairs = new Map<string, Set<string>>();
  for (const turn of turns)
    for (const { actions } of turn.frames)
      for (const { values, canonical_values } of actions)
        for (const [at, value] of values.entries()) {
          const known = pairs.get(value) ?? new Set();
          pairs.set(value, known.add(canonical_values[at] ?? value));
        }
  return (values) => new Set(values.flatMap((value) => [...(pairs.get(value) ?? [value])]));
}

export function meet(a: Canonicals, b: Canonicals): boolean {
  return [...a].some((value) => b.has(value));
}
