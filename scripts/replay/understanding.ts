import type { Intent, Turn, UserFrame } from "./dialogue-schema.ts";
import type { Services } from "./dialogues.ts";
import { meet, recollect, said } from "./recollection.ts";
import type { Canonicals, Recollection } from "./recollection.ts";
import { intentOf, sectionOf } from "./service-contract.ts";
import { findSources } from "./sources.ts";
import type { Source } from "./sources.ts";

/** A slot that the user spoke about: the value they said, or the place of the value that they meant. */
export type Told =
  { readonly slot: string; readonly value: string } | { readonly slot: string; readonly from: Source };

/** What the user wants of one service in this turn. */
export interface Request {
  readonly intent: string;
  readonly told: readonly Told[];
  /** Slots of an earlier wish that hold no longer, such as the last transfer's amount when another one is asked for. */
  readonly forgotten: readonly string[];
  /** The user asked for the intent in this turn, or agreed to it. */
  readonly announced: boolean;
  readonly affirmed: boolean;
  readonly negated: boolean;
  readonly alternatives: boolean;
}

/** Services are named by their sections. */
export interface Understanding {
  /** The services spoken to, each after those that it refers to. */
  readonly order: readonly string[];
  readonly requests: Readonly<Record<string, Request>>;
}

/**
 * Stands in for the model: what did the user mean in the last of these turns? Hand over the dialogue up to and including
 * that USER turn, nothing after it.
 *
 * Values are those that the user's acts of this very turn carry. Where the annotated state gained a slot that no act
 * carries, the user meant something said before: the annotation then tells which slot, and which earlier place holds its
 * value, and the answer names that place, never the value; it also tells which slots were given up. A slot whose value nobody mentioned before is left out.
 * A "yes" to a transaction needs no reference: the service's agent knows what it proposed.
 */
export function understand(turns: readonly Turn[], services: Services): Understanding {
  const turn = turns.at(-1);
  if (turn?.speaker !== "USER")
    throw new Error("The turns to be understood must end with a turn of the USER");
  const known = recollect(turns.slice(0, -1), turn);
  const requests = turn.frames.map((frame) => ({
    section: sectionOf(frame.service),
    request: requestIn(frame, turn.frames, known, services),
  }));
  return {
    order: sourcesFirst(requests),
    requests: Object.fromEntries(requests.map(({ section, request }) => [section, request])),
  };
}

function requestIn(
  frame: UserFrame,
  frames: readonly UserFrame[],
  known: Recollection,
  services: Services,
): Request {
  const acts = new Set(frame.actions.map(({ act }) => act));
  const service = services.get(frame.service);
  const intent = service && intentOf(service, frame.state.active_intent);
  const agreedByYes = acts.has("AFFIRM") && intent !== undefined && isProposed(frame, intent, known);
  const meant = agreedByYes ? new Map<string, Canonicals>() : gained(frame, known);
  const selecting = acts.has("SELECT");
  const sources = findSources({ service: frame.service, frames, known, meant, selecting });
  return {
    intent: frame.state.active_intent,
    told: [
      ...[...said(frame.actions)].map(([slot, value]) => ({ slot, value })),
      ...[...sources].map(([slot, from]) => ({ slot, from })),
    ],
    forgotten: [...(known.slots.get(frame.service)?.keys() ?? [])].filter(
      (slot) => frame.state.slot_values[slot] === undefined,
    ),
    announced: acts.has("INFORM_INTENT") || acts.has("AFFIRM_INTENT"),
    affirmed: acts.has("AFFIRM"),
    negated: acts.has("NEGATE"),
    alternatives: acts.has("REQUEST_ALTS"),
  };
}

/** Whether the service's agent had all it needs before this turn to propose the transaction. */
function isProposed({ service }: UserFrame, intent: Intent, known: Recollection): boolean {
  const held = known.slots.get(service);
  return intent.is_transactional && intent.required_slots.every((slot) => held?.has(slot));
}

/** The slots whose value is new in this turn although the user did not say it. */
function gained(frame: UserFrame, known: Recollection): ReadonlyMap<string, Canonicals> {
  const own = said(frame.actions);
  const before = known.slots.get(frame.service);
  const slots = new Map<string, Canonicals>();
  for (const [slot, values] of Object.entries(frame.state.slot_values)) {
    const now = known.canonical(values);
    const then = before?.get(slot);
    if (!own.has(slot) && !(then && meet(then, now))) slots.set(slot, now);
  }
  return slots;
}

interface SectionRequest {
  readonly section: string;
  readonly request: Request;
}

function sourcesFirst(requests: readonly SectionRequest[]): readonly string[] {
  const order: string[] = [];
  let waiting = requests;
  while (waiting.length > 0) {
    const next =
      waiting.find((one) => !waiting.some((other) => other !== one && refersTo(one, other))) ?? waiting[0];
    if (next) order.push(next.section);
    waiting = waiting.filter((one) => one !== next);
  }
  return order;
}

function refersTo({ request }: SectionRequest, other: SectionRequest): boolean {
  return request.told.some(
    (told) =>
      "from" in told && ("offer" in told.from ? told.from.offer : told.from.service) === other.section,
  );
}
