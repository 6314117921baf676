import type { Intent, Row, Service } from "./dialogue-schema.ts";
import { hasNewOffer, merge, presentNext } from "./offers.ts";
import { inputsOf, intentOf, sectionOf } from "./service-contract.ts";
import type { Section, ServiceCall, SlotState } from "./service-contract.ts";
import type { Request, Told, Understanding } from "./understanding.ts";

/** What the agent asks its service; the rows are what the service answers to exactly this call. */
export type ResultsFor = (service: string, method: string, parameters: Row) => readonly Row[];

export interface TurnInput {
  readonly dialogue: string;
  readonly turn: number;
  readonly utterance: string;
}

/** The context that a service's agent is handed; beside these two, the sections of the services by name. */
export interface ServiceView {
  readonly input: TurnInput;
  readonly understanding: Understanding;
  readonly [section: string]: unknown;
}

const DONT_CARE = "dontcare";

type Slots = Readonly<Record<string, SlotState>>;

/**
 * One service's part of a turn: takes what the user said and meant into its slots, decides whether to call its service,
 * and returns its section anew. A search is called when its required slots are filled and the user asked or said
 * something that it depends on, and once more when the user wants alternatives and has seen them all. A transaction is
 * proposed first and called on the user's "yes"; if the service proposes something else instead, that is proposed.
 */
export function serveTurn(service: Service, view: ServiceView, resultsFor: ResultsFor): Section {
  const name = sectionOf(service.service_name);
  const before = sectionIn(view, name);
  const request = view.understanding.requests[name];
  if (request === undefined) return withoutCall({ ...before, turn: view.input.turn });
  const proposal = request.negated ? undefined : before.proposal;
  const agreed = request.affirmed && proposal ? agree(proposal) : {};
  const slots = { ...kept(before.slots, request.forgotten), ...agreed, ...heard(request.told, view) };
  const { offers, shown } = before;
  const turn: Section = { turn: view.input.turn, intent: request.intent, slots, offers, shown };

  const intent = intentOf(service, request.intent);
  if (intent === undefined || !isComplete(intent, slots)) return turn;
  const asked = asksAnew(request, intent, name);
  if (intent.is_transactional) {
    if (request.affirmed && proposal) return transact(turn, intent, service, resultsFor);
    if (asked) return { ...turn, proposal: defaultsOf(intent, slots) };
    return proposal ? { ...turn, proposal } : turn;
  }
  if (asked) return search(turn, intent, service, resultsFor);
  if (!request.alternatives) return turn;
  return hasNewOffer(turn) ? presentNext(turn) : search(turn, intent, service, resultsFor);
}

function kept(slots: Slots, forgotten: readonly string[]): Slots {
  return Object.fromEntries(Object.entries(slots).filter(([slot]) => !forgotten.includes(slot)));
}

function heard(told: readonly Told[], view: ServiceView): Slots {
  const slots: Record<string, SlotState> = {};
  for (const one of told) {
    if ("value" in one) slots[one.slot] = { value: one.value };
    else {
      const { from } = one;
      const value =
        "offer" in from
          ? sectionIn(view, from.offer).offers[from.item]?.[from.slot]
          : sectionIn(view, from.service).slots[from.slot]?.value;
      if (value !== undefined) slots[one.slot] = { value, reference: true };
    }
  }
  return slots;
}

function agree({ values, alternative }: NonNullable<Section["proposal"]>): Slots {
  const state = (value: string): SlotState => (alternative ? { value, reference: true } : { value });
  return Object.fromEntries(Object.entries(values).map(([slot, value]) => [slot, state(value)]));
}

function isComplete(intent: Intent, slots: Slots): boolean {
  return intent.required_slots.every((slot) => slots[slot] !== undefined);
}

/** Whether the turn can change what the service would answer. Taking one of its offers asks it nothing. */
function asksAnew(request: Request, intent: Intent, name: string): boolean {
  const inputs = inputsOf(intent);
  const isAccepted = (told: Told) => "from" in told && "offer" in told.from && told.from.offer === name;
  return request.announced || request.told.some((told) => inputs.includes(told.slot) && !isAccepted(told));
}

function defaultsOf(intent: Intent, slots: Slots): NonNullable<Section["proposal"]> {
  const open = Object.entries(intent.optional_slots).filter(
    ([slot, value]) => slots[slot] === undefined && value !== DONT_CARE,
  );
  return { values: Object.fromEntries(open), alternative: false };
}

function search(turn: Section, intent: Intent, service: Service, resultsFor: ResultsFor): Section {
  const call = callOf(intent, turn.slots);
  const rows = resultsFor(service.service_name, call.method, call.parameters);
  return rows.length === 0 ? { ...turn, call } : presentNext({ ...merge(turn, rows, intent), call });
}

function transact(before: Section, intent: Intent, service: Service, resultsFor: ResultsFor): Section {
  const call = callOf(intent, before.slots);
  const rows = resultsFor(service.service_name, call.method, call.parameters);
  const turn: Section =
    rows.length === 0 ? { ...before, call } : { ...presentNext(merge(before, rows, intent)), call };
  const others = Object.entries(rows[0] ?? {}).filter(
    ([slot, value]) => call.parameters[slot] !== undefined && call.parameters[slot] !== value,
  );
  if (others.length === 0) return turn;
  return { ...turn, proposal: { values: Object.fromEntries(others), alternative: true } };
}

/** A slot about which the user does not care is no part of the call. */
function callOf(intent: Intent, slots: Slots): ServiceCall {
  const parameters: Record<string, string> = {};
  const references: string[] = [];
  for (const slot of inputsOf(intent)) {
    const state = slots[slot];
    if (state === undefined || state.value === DONT_CARE) continue;
    parameters[slot] = state.value;
    if (state.reference) references.push(slot);
  }
  return { method: intent.name, parameters, references };
}

function sectionIn(view: ServiceView, name: string): Section {
  // Only the agent of that name writes this section, and its contract has checked what it wrote.
  return (view[name] as Section | undefined) ?? { turn: 0, intent: "NONE", slots: {}, offers: [], shown: [] };
}

function withoutCall({ call: _made, ...section }: Section): Section {
  return section;
}
