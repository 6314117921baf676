import type { Json, JsonObject } from "#core/json.ts";
import { caseNamed, type PreparedCase } from "./cases.ts";
import type { Scenario } from "./scenario.ts";

/** A session that is small enough to be broken at every call. */
export interface SmallSession {
  readonly name: string;
  readonly subject: PreparedCase;
  /** With this seed its agents find, and its people answer, what leads through most of its flow. */
  readonly seed: number;
  readonly scenario: Scenario;
}

export interface SmallInput {
  readonly type: string;
  readonly data: Json;
  /** After the start, ms. */
  readonly at?: number;
  readonly session?: JsonObject;
  readonly constraints?: JsonObject;
}

/** A session of its own for some inputs, whose sender tries often enough. */
export function smallSession(
  name: string,
  subject: PreparedCase,
  inputs: readonly SmallInput[],
  seed = 0,
): SmallSession {
  const scenario: Scenario = {
    sessions: ["s0"],
    // Every second input meets a marker.
    idWindow: 1,
    inputs: inputs.map(({ at = 0, ...body }, index) => ({
      name: `s0.i${index}`,
      session: "s0",
      at,
      via: index % 2 === 0 ? "http" : "bus",
      source: "web",
      id: `s0.i${index}`,
      what: { type: "event", body: { ...body } },
      retries: 4,
      waitMs: 0,
    })),
  };
  return { name, subject, seed, scenario };
}

const n = (value: number): JsonObject => ({ n: value });
const input = (type: string, value: number, at = 0): SmallInput => ({ type, data: n(value), at });

/** The sample flows' small sessions: between them they walk every kind of step. */
export function sampleSessions(): readonly SmallSession[] {
  const of = (name: string, flows: string, inputs: readonly SmallInput[], seed = 0): SmallSession =>
    smallSession(name, caseNamed(flows), inputs, seed);
  return [
    of("support", "support", [input("Asked", 6)]),
    of("any", "forks", [input("Asked", 3)]),
    of("quorum", "forks", [input("Voted", 3)]),
    of("best", "forks", [input("Compared", 9)]),
    of("order", "orders", [input("Asked", 4)]),
    of("delivery", "orders", [input("Shipped", 4), input("Noted", 2, 700)]),
    of("batch", "batches", [input("Asked", 5)]),
    of("wide", "batches", [input("Spread", 5)]),
    of("talk", "talks", [input("Asked", 2), input("Said", 3, 900)]),
    of("strict", "talks", [input("Demanded", 2), input("Said", 1, 700)]),
    of("urgent", "urgencies", [input("Asked", 2), input("Alarmed", 4, 60)]),
    of("stale", "changes", [input("Asked", 2), input("Noted", 5, 250)]),
    of("trip", "trips", [input("Asked", 7)]),
    of("rooms", "trips", [input("Ordered", 2), input("Ordered", 3, 900)]),
    of("parcels", "parcels", [input("Booked", 1), input("Booked", 2, 10), input("Paid", 5, 900)]),
    of("acting", "changes", [input("Ordered", 2)]),
  ];
}
