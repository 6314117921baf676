import type { RunId } from "../../ids.ts";
import type { FlowBook } from "../decide/draft.ts";
import { locate } from "../places.ts";
import { isLive, liveRuns, type SessionState } from "../state.ts";

/** A question that a person may answer now. */
export interface OpenQuestion {
  readonly ask: string;
  readonly run: RunId;
  readonly step: string;
  /** Absent where its flow is not known. */
  readonly question?: string;
  /** Until when it is open, ms. */
  readonly dueAt?: number;
}

/** The questions that a state holds open, by their `ask`. */
export function openQuestions(
  state: SessionState,
  book: Pick<FlowBook, "byHash">,
): ReadonlyMap<string, OpenQuestion> {
  const questions = new Map<string, OpenQuestion>();
  for (const { run, step, phase, link, asking } of Object.values(state.tasks)) {
    if (phase.name !== "asked") continue;
    const { ask, dueAt } = phase;
    const question = wordsOf(state, book, { run, step, link, isDoubt: asking !== undefined });
    questions.set(ask, { ask, run, step, ...(question !== undefined && { question }), dueAt });
  }
  for (const { id: run, steps } of liveRuns(state)) {
    for (const [step, known] of Object.entries(steps)) {
      if (known.status !== "open" || known.kind !== "human") continue;
      const { ask, dueAt } = known;
      const question = wordsOf(state, book, { run, step });
      const words = question === undefined ? {} : { question };
      questions.set(ask, { ask, run, step, ...words, ...(dueAt !== undefined && { dueAt }) });
    }
  }
  return questions;
}

interface Asking {
  readonly run: RunId;
  readonly step: string;
  readonly link?: number;
  /** Whether an effect happened is asked. */
  readonly isDoubt?: boolean;
}

/** A question as its flow puts it. */
function wordsOf(
  state: SessionState,
  book: Pick<FlowBook, "byHash">,
  { run: id, step, link = -1, isDoubt = false }: Asking,
): string | undefined {
  const run = state.runs[id];
  const flow = run === undefined ? undefined : book.byHash(run.flow)?.flow;
  if (run === undefined || !isLive(run) || flow === undefined) return undefined;
  const { node } = locate(run, flow, step);
  if (node.kind === "human") return node.ask;
  if (node.kind !== "task") return undefined;
  const fallback = node.fallback[link];
  if (!isDoubt) return fallback?.type === "human" ? fallback.ask : undefined;
  const { onDoubt } = fallback?.type === "agent" ? fallback.agent : node.agent;
  return typeof onDoubt === "object" ? onDoubt.person : undefined;
}
