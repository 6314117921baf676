import type { Kills } from "./kills.ts";
import type { PlayedDialogue, Replay } from "./replay.ts";
import { addScores, countSameCalls, NOTHING, scoreDialogue } from "./score.ts";
import type { Score } from "./score.ts";

/** What a replay came to, as its last line of JSON says it. */
export interface Figures {
  readonly dialogues: number;
  readonly turns: number;
  readonly calls: Score["calls"];
  readonly states: Score["states"];
  readonly duplicates: { readonly injected: number; readonly applied: number };
  readonly gaps: number;
  readonly lost: number;
  /** Processes that were to be killed, and those that were, by function. */
  readonly kills?: Kills;
  /** Calls of the plain run, and how many of them the spine made in the same turn with the same parameters. */
  readonly reference: { readonly calls: number; readonly equal: number };
}

export function figuresOf({ dialogues, injected, kills, log }: Replay): Figures {
  const { calls, states } = dialogues
    .map(({ dialogue, outcomes }) => scoreDialogue(dialogue, outcomes))
    .reduce(addScores, NOTHING);
  const sum = (count: (one: PlayedDialogue) => number) => dialogues.reduce((all, one) => all + count(one), 0);
  return {
    dialogues: dialogues.length,
    turns: sum(({ outcomes }) => outcomes.length),
    calls,
    states,
    duplicates: { injected, applied: log.duplicates },
    gaps: log.gaps,
    lost: log.lost,
    ...(kills !== undefined && { kills }),
    reference: {
      calls: sum(({ reference }) => reference.flatMap((outcome) => outcome.calls).length),
      equal: sum(({ outcomes, reference }) => countSameCalls(outcomes, reference)),
    },
  };
}

/** Whether the spine did what the plain run did, its log is whole, and all died that should have. How well both guess the user is another matter. */
export function isSound({ calls, duplicates, gaps, lost, reference, kills }: Figures): boolean {
  const isEqual = reference.equal === reference.calls && reference.equal === calls.made;
  return (
    isEqual && made(kills) === (kills?.asked ?? 0) && duplicates.applied === 0 && gaps === 0 && lost === 0
  );
}

const made = (kills: Kills | undefined): number =>
  Object.values(kills?.byFunction ?? {}).reduce((sum, count) => sum + count, 0);
