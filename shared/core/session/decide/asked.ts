import type { RunId, TaskId } from "../../ids.ts";
import { locate, writePath } from "../places.ts";
import { liveRuns, type SessionState } from "../state.ts";
import { loadedFlow, type Draft } from "./draft.ts";
import { dueOfStep } from "./due.ts";
import { lastMoment } from "./in-time.ts";
import { placeTask } from "./tasks.ts";

/** Where an open question stands. */
export interface Asked {
  readonly run: RunId;
  readonly step: string;
  readonly slot: string;
  readonly task?: TaskId;
  /** As its flow puts it; none where a person is asked about an effect in doubt. */
  readonly question?: string;
  /** From when on an answer comes too late, ms. */
  readonly dueAt: number;
}

/** Finds the question that is open under an id. */
export function findAsk(draft: Pick<Draft, "state" | "book">, ask: string): Asked | undefined {
  for (const { id, phase } of Object.values(draft.state.tasks)) {
    if (phase.name === "asked" && phase.ask === ask) {
      const { task, place } = placeTask(draft, id);
      const link = place.node.kind === "task" ? place.node.fallback[task.link] : undefined;
      const question = task.asking === undefined && link?.type === "human" ? { question: link.ask } : {};
      const dueAt = lastMoment(draft.state, place.run, place.step, phase.dueAt);
      return { run: task.run, step: place.step, slot: task.slot, task: id, dueAt, ...question };
    }
  }
  for (const run of liveRuns(draft.state)) {
    for (const [step, state] of Object.entries(run.steps)) {
      if (state.status !== "open" || state.kind !== "human" || state.ask !== ask) continue;
      const place = locate(run, loadedFlow(draft.book, run.flow), step);
      if (place.node.kind !== "human") continue;
      const dueAt = lastMoment(draft.state, run, step, dueOfStep(state) ?? Infinity);
      const slot = writePath(place, place.node.into);
      return { run: run.id, step, slot, question: place.node.ask, dueAt };
    }
  }
  return undefined;
}

/** Ids of the questions that a state holds open. */
export function openAskIds(state: SessionState): readonly string[] {
  const ofTasks = Object.values(state.tasks).flatMap(({ phase }) =>
    phase.name === "asked" ? [phase.ask] : [],
  );
  const ofSteps = liveRuns(state).flatMap(({ steps }) =>
    Object.values(steps).flatMap((step) =>
      step.status === "open" && step.kind === "human" ? [step.ask] : [],
    ),
  );
  return [...ofTasks, ...ofSteps];
}
