import type { RunId } from "../ids.ts";
import type { FlowBook } from "./decide/draft.ts";
import { isoTime } from "./iso-time.ts";
import { locate } from "./places.ts";
import {
  isIdle,
  isLive,
  tasksOf,
  type LiveRun,
  type QueuedRun,
  type RunState,
  type SessionState,
  type StepState,
  type TaskState,
} from "./state.ts";

/** What a session waits for, one sentence each: answers, people, events, predecessors, turns, pauses. Times are ISO 8601. */
export function explain(state: SessionState, book: Pick<FlowBook, "byHash">): readonly string[] {
  if (state.status === "stopped") return ["The session was stopped."];
  if (isIdle(state)) return ["Nothing is in progress."];
  const runs = Object.values(state.runs);
  return [
    ...runs.flatMap((run) => (isLive(run) ? explainLive(state, run, book) : [explainQueued(run, runs)])),
    ...explainHeld(state),
    ...explainKept(state),
  ];
}

const nameOf = ({ id, name }: RunState): string => `Run ${id} of flow "${name}"`;

function explainQueued(run: QueuedRun, runs: readonly RunState[]): string {
  const others = runs.filter(
    (other) =>
      other.id !== run.id && other.onBusy !== "parallel" && (isLive(other) || isBefore(runs, other, run)),
  );
  return `${nameOf(run)} is queued (${run.onBusy}) behind ${others.map(({ id, name }) => `${id} of "${name}"`).join(", ")}.`;
}

const isBefore = (runs: readonly RunState[], one: RunState, other: RunState): boolean =>
  runs.indexOf(one) < runs.indexOf(other);

function explainLive(state: SessionState, run: LiveRun, book: Pick<FlowBook, "byHash">): readonly string[] {
  const until = `it must end by ${isoTime(run.dueAt)}`;
  const head =
    run.status === "suspended"
      ? `${nameOf(run)} is suspended while ${urgentName(state, run.suspendedBy)} runs; ${until}.`
      : run.status === "compensating"
        ? `${nameOf(run)} ${run.ending?.how ?? "ends"} and undoes its effects (${(run.effects ?? []).length} left); ${until}.`
        : `${nameOf(run)} is running; ${until}.`;
  const tasks = tasksOf(state, run.id).map((task) => explainTask(task, run, book));
  const steps = Object.entries(run.steps).flatMap(([step, now]) => explainStep(step, now, run, book));
  return [head, ...tasks, ...steps];
}

function urgentName(state: SessionState, id: RunId | undefined): string {
  const run = id === undefined ? undefined : state.runs[id];
  return run === undefined ? "an urgent one" : `the urgent run ${run.id} of flow "${run.name}"`;
}

function explainTask(task: TaskState, run: LiveRun, book: Pick<FlowBook, "byHash">): string {
  const { phase, agent, step, attempt } = task;
  switch (phase.name) {
    case "dispatched":
      return `${step} waits for the answer of ${agent} (attempt ${attempt}) until ${isoTime(phase.dueAt)}.`;
    case "claimed": {
      const failed = phase.failed === true ? " and failed after that" : "";
      return `${step} waits for the outcome of an effect that ${agent} claimed (execution ${phase.execution})${failed}; it is in doubt at ${isoTime(phase.settleAt)}.`;
    }
    case "backoff":
      return `${step} retries ${agent} (attempt ${attempt + 1}) at ${isoTime(phase.dueAt)}.`;
    case "asked":
      return `${step} waits for a person to answer "${questionOf(task, run, book)}" (ask ${phase.ask}) until ${isoTime(phase.dueAt)}.`;
    case "ready":
      return `${step} dispatches ${agent} as soon as its run resumes.`;
  }
}

function questionOf(task: TaskState, run: LiveRun, book: Pick<FlowBook, "byHash">): string {
  const node = nodeAt(task.step, run, book);
  if (node?.kind !== "task") return "";
  const link = node.fallback[task.link];
  if (task.asking === undefined) return link?.type === "human" ? link.ask : "";
  const { onDoubt } = link?.type === "agent" ? link.agent : node.agent;
  return typeof onDoubt === "object" ? onDoubt.person : "";
}

function nodeAt(step: string, run: LiveRun, book: Pick<FlowBook, "byHash">) {
  const flow = book.byHash(run.flow)?.flow;
  return flow === undefined ? undefined : locate(run, flow, step).node;
}

function explainStep(
  step: string,
  now: StepState,
  run: LiveRun,
  book: Pick<FlowBook, "byHash">,
): readonly string[] {
  if (now.status !== "open")
    return now.lingering === undefined
      ? []
      : [`${step} is done; its branches ${now.lingering.join(", ")} may finish.`];
  const node = nodeAt(step, run, book);
  if (now.kind === "wait") {
    const condition = node?.kind === "wait" && node.if !== undefined ? ` with ${node.if}` : "";
    return [`${step} waits for the event ${now.event}${condition}${until(now.dueAt)}.`];
  }
  if (now.kind === "human") {
    const question = node?.kind === "human" ? node.ask : "";
    return [`${step} waits for a person to answer "${question}" (ask ${now.ask})${until(now.dueAt)}.`];
  }
  return "dueAt" in now && now.dueAt !== undefined ? [`${step} must end by ${isoTime(now.dueAt)}.`] : [];
}

const until = (dueAt: number | undefined): string => (dueAt === undefined ? "" : ` until ${isoTime(dueAt)}`);

function explainHeld(state: SessionState): readonly string[] {
  return Object.entries(state.ordinals).flatMap(([source, { next, held }]) =>
    Object.entries(held).map(
      ([ordinal, { input, dueAt }]) =>
        `${input.type}, number ${ordinal} of ${source}, waits for number ${next} until ${isoTime(dueAt)}.`,
    ),
  );
}

function explainKept({ kept = [] }: SessionState): readonly string[] {
  return kept.map(
    ({ sequence, type, runs }) =>
      `${type} (event ${sequence}) is kept until a step of ${runs.map((run) => `run ${run}`).join(" or ")} waits for it.`,
  );
}
