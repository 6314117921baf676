import type { Usage } from "../../contract.ts";
import type { AgentName, RunId } from "../../ids.ts";
import type { Json, JsonObject } from "../../json.ts";

interface AtStepOfOrigin {
  readonly run: RunId;
  readonly step: string;
  /** Sequence of the event in the origin that recorded it. */
  readonly at: number;
}

/** What an agent answered in the origin, and what it had seen. */
export interface AgentOutcomeRecorded extends AtStepOfOrigin {
  readonly kind: "agent";
  readonly agent: AgentName;
  readonly view: JsonObject;
  readonly result: Json;
  readonly confidence?: number;
  /** What it cost in the origin: a fork spends nothing for it. */
  readonly usage?: Usage;
  /** It acted on the outside world, once. */
  readonly effect?: true;
}

/** What a person answered in the origin. */
export interface PersonOutcomeRecorded extends AtStepOfOrigin {
  readonly kind: "person";
  readonly question: string;
  readonly value: Json;
}

/** What a fork may take from its origin in place of asking again. */
export type RecordedOutcome = AgentOutcomeRecorded | PersonOutcomeRecorded;

/** Where the origin claimed an effect of which nobody knows whether it happened. */
export interface DoubtfulEffect {
  readonly run: RunId;
  readonly step: string;
}

/** What a forked session still has of its origin. */
export interface ForkState {
  readonly recorded: readonly RecordedOutcome[];
  readonly doubtful: readonly DoubtfulEffect[];
  /** Effects of the origin are performed again where what their agents read is another. */
  readonly repeatEffects?: true;
}
