import type { CompiledNode } from "#core/flow/plan.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { isLive, type SessionState } from "#core/session/state.ts";
import { nodeAt, type History } from "./history.ts";
import type { Report } from "./violation.ts";

type Satisfied = Extract<RecordedEvent, { readonly type: "WaitSatisfied" }>;

/** What one wait takes for itself (`take: "first"`) no other such wait takes, and the run that began first gets it. */
export function checkTakenFirst(history: History, report: Report): void {
  const taken = new Map<number, string>();
  for (const [index, { events }] of history.commits.entries()) {
    const before = history.states[index - 1];
    const after = history.states[index];
    for (const event of events) {
      if (event.type !== "WaitSatisfied" || !isForItself(waitAt(history, event.data))) continue;
      const { by, step, run } = event.data;
      const other = taken.get(by);
      if (other !== undefined)
        report("Nothing lost", "a wait takes its event for itself", `${other} and ${run}/${step} took ${by}`);
      taken.set(by, `${run}/${step}`);
      const passed = passedOver(history, event, before, after);
      if (passed !== undefined)
        report("Nothing lost", "the earliest wait comes first", `${run}/${step} took ${by} before ${passed}`);
    }
  }
}

/** A wait of an earlier run that was open all the while and takes whatever comes. What is kept is offered to waits as they open. */
function passedOver(
  history: History,
  { data: { run: taker, step, kept } }: Satisfied,
  before: SessionState | undefined,
  after: SessionState | undefined,
): string | undefined {
  if (kept || before === undefined || after === undefined) return undefined;
  const type = waitAt(history, { run: taker, step })?.event;
  for (const run of Object.values(before.runs)) {
    if (run.id === taker) return undefined;
    const still = after.runs[run.id];
    if (!isLive(run) || still === undefined || !isLive(still)) continue;
    for (const [place, state] of Object.entries(run.steps)) {
      const node = waitAt(history, { run: run.id, step: place });
      if (node === undefined || node.event !== type || !isForItself(node) || node.if !== undefined) continue;
      if (state.status === "open" && still.steps[place]?.status === "open") return `${run.id}/${place}`;
    }
  }
  return undefined;
}

type Wait = Extract<CompiledNode, { readonly kind: "wait" }>;

function waitAt({ inputs }: History, { run, step }: { readonly run: string; readonly step: string }) {
  const flow = inputs.get(run)?.flow;
  const node = flow === undefined ? undefined : nodeAt(flow.plan, step);
  return node?.kind === "wait" ? node : undefined;
}

const isForItself = (node: Wait | undefined): boolean => node?.take === "first";
