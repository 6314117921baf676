import type { TurnOutcome } from "./reference.ts";
import { sameCall } from "./score.ts";
import type { BareCall } from "./score.ts";
import type { TurnInput } from "./service-agent.ts";

/**
 * Stands in for the services that the agents call: remembers what it was asked. Like a real target it takes two requests
 * with one idempotency key for one call.
 */
export interface Target {
  receive(input: TurnInput, idempotencyKey: string, call: BareCall): Promise<void>;
  receivedIn(dialogue: string, turn: number): Promise<readonly BareCall[]>;
}

export function createMemoryTarget(): Target {
  const received = new Map<string, Map<string, BareCall>>();
  const turnKey = (dialogue: string, turn: number) => `${dialogue} ${turn}`;
  return {
    receive({ dialogue, turn }, idempotencyKey, call) {
      const calls = received.get(turnKey(dialogue, turn)) ?? new Map<string, BareCall>();
      received.set(turnKey(dialogue, turn), calls.set(idempotencyKey, call));
      return Promise.resolve();
    },
    receivedIn: (dialogue, turn) =>
      Promise.resolve([...(received.get(turnKey(dialogue, turn))?.values() ?? [])]),
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
