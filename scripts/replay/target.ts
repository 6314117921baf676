import type { Dialogue } from "./dialogue-schema.ts";
import { annotatedResults } from "./reference.ts";
import type { TurnOutcome } from "./reference.ts";
import { sameCall } from "./score.ts";
import type { BareCall } from "./score.ts";
import type { ResultsFor, TurnInput } from "./service-agent.ts";

/**
 * Stands in for the services that the agents call: answers as annotated, and remembers what it was asked. Like a real
 * target it takes two requests with one idempotency key for one call.
 */
export interface Target {
  /** How the agent whose task has this key asks, in this turn. */
  askedBy(input: TurnInput, idempotencyKey: string): ResultsFor;
  receivedIn(dialogue: string, turn: number): readonly BareCall[];
}

export function createTarget(dialogues: readonly Dialogue[]): Target {
  const byId = new Map(dialogues.map((dialogue) => [dialogue.dialogue_id, dialogue]));
  const received = new Map<string, Map<string, BareCall>>();
  const turnKey = (dialogue: string, turn: number) => `${dialogue} ${turn}`;
  return {
    askedBy({ dialogue, turn }, idempotencyKey) {
      const annotated = byId.get(dialogue);
      if (annotated === undefined) throw new Error(`No dialogue is named "${dialogue}"`);
      const answer = annotatedResults(annotated, turn);
      return (service, method, parameters) => {
        const calls = received.get(turnKey(dialogue, turn)) ?? new Map<string, BareCall>();
        received.set(turnKey(dialogue, turn), calls.set(idempotencyKey, { service, method, parameters }));
        return answer(service, method, parameters);
      };
    },
    receivedIn: (dialogue, turn) => [...(received.get(turnKey(dialogue, turn))?.values() ?? [])],
  };
}

/** A turn's outcome with the calls that its services really received; the sections only add their references. */
export function asReceived(outcome: TurnOutcome, received: readonly BareCall[]): TurnOutcome {
  const told = [...outcome.calls];
  const calls = received.map((call) => {
    const at = told.findIndex((one) => sameCall(one, call));
    const [own] = at === -1 ? [] : told.splice(at, 1);
    return own ?? { ...call, references: [] };
  });
  return { ...outcome, calls };
}
