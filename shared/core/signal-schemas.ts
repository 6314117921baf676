import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Problem } from "./errors.ts";
import { MAX_SIGNAL_NAMES } from "./session/signal/task-signal.ts";

/** The signals that an agent takes while it works: name to the schema of the data. */
export type SignalSchemas = Readonly<Record<string, StandardSchemaV1>>;

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** What a contract's declared signals break. */
export function signalProblems(signals: SignalSchemas = {}): readonly Problem[] {
  const names = Object.keys(signals);
  const wrong = names
    .filter((name) => !NAME.test(name))
    .map((name) => ({
      field: `signals.${name.slice(0, 64)}`,
      problem: "is not a signal's name",
      repair: "Use 1 to 64 letters, digits, - _ and ., starting with a letter.",
    }));
  if (names.length <= MAX_SIGNAL_NAMES) return wrong;
  const problem = `has ${names.length} names`;
  return [...wrong, { field: "signals", problem, repair: `Use at most ${MAX_SIGNAL_NAMES}.` }];
}
