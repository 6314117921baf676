import type { Dialogue, Row } from "./dialogue-schema.ts";
import type { Services } from "./dialogues.ts";
import { serveTurn } from "./service-agent.ts";
import type { ResultsFor, ServiceView, TurnInput } from "./service-agent.ts";
import { sectionOf } from "./service-contract.ts";
import type { Section, ServiceCall } from "./service-contract.ts";
import { understand } from "./understanding.ts";

export interface MadeCall extends ServiceCall {
  readonly service: string;
}

/** What a USER turn came to. */
export interface TurnOutcome {
  /** Position among the dialogue's turns. */
  readonly turn: number;
  readonly calls: readonly MadeCall[];
  /** By section, for the services spoken to: slot to canonical value. */
  readonly states: Readonly<Record<string, Row>>;
}

/** The plain sequential run of a dialogue: no spine, one turn after the other, one agent after the other. */
export function runPlainly(dialogue: Dialogue, services: Services): readonly TurnOutcome[] {
  const sections: Record<string, Section> = {};
  return userTurns(dialogue).map((input) => {
    const understanding = understand(dialogue.turns.slice(0, input.turn + 1), services);
    for (const name of understanding.order) {
      const service = [...services.values()].find((one) => sectionOf(one.service_name) === name);
      const view: ServiceView = { ...sections, input, understanding };
      if (service) sections[name] = serveTurn(service, view, annotatedResults(dialogue, input.turn));
    }
    return outcomeOf(input.turn, sections, services);
  });
}

/** The inputs of a dialogue's session, in order. */
export function userTurns(dialogue: Dialogue): readonly TurnInput[] {
  return dialogue.turns.flatMap(({ speaker, utterance }, turn) =>
    speaker === "USER" ? [{ dialogue: dialogue.dialogue_id, turn, utterance }] : [],
  );
}

/** Reads a turn's outcome off the sections as they are after it: a section that this turn did not write has no part. */
export function outcomeOf(
  turn: number,
  sections: Readonly<Record<string, Section>>,
  services: Services,
): TurnOutcome {
  const calls: MadeCall[] = [];
  const states: Record<string, Row> = {};
  for (const service of services.keys()) {
    const name = sectionOf(service);
    const section = sections[name];
    if (section?.turn !== turn) continue;
    states[name] = Object.fromEntries(
      Object.entries(section.slots).map(([slot, { value }]) => [slot, value]),
    );
    if (section.call) calls.push({ service, ...section.call });
  }
  return { turn, calls, states };
}

/**
 * Stands in for the services: what the annotation says that they answer to exactly this call, by the end of this turn.
 * Where they were asked the same before, the later answer counts. A call that nobody annotated finds nothing.
 */
export function annotatedResults(dialogue: Dialogue, turn: number): ResultsFor {
  const frames = dialogue.turns
    .slice(0, turn + 2)
    .flatMap((one) => (one.speaker === "SYSTEM" ? one.frames : []))
    .reverse();
  return (service, method, parameters) => {
    const frame = frames.find(
      ({ service: asked, service_call: call }) =>
        asked === service && call?.method === method && sameRow(call.parameters, parameters),
    );
    return frame?.service_results ?? [];
  };
}

export function sameRow(a: Row, b: Row): boolean {
  const slots = Object.keys(a);
  return (
    slots.length === Object.keys(b).length &&
    slots.every((slot) => Object.hasOwn(b, slot) && a[slot] === b[slot])
  );
}
