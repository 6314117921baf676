import type { Usage } from "../../contract.ts";
import type { SessionKey } from "../../ids.ts";
import type { RecordedEvent } from "../events.ts";
import type { ForkInput } from "../input.ts";
import type { SessionState } from "../state.ts";

/** What runs anew in a fork, or may do so. */
export interface ForkedWork {
  readonly run: string;
  readonly step: string;
  readonly agent: string;
  /** What it cost in the origin; nothing is known of what was not recorded there. */
  readonly usage?: Usage;
  /** It acts on the outside world. */
  readonly effect?: true;
}

/** What a fork does at once, and what it may do later. */
export interface ForkPlan {
  readonly session: string;
  readonly origin: ForkInput["origin"];
  /** Steps whose recorded outcome counts. `differs`: its agent would see something else, and its effect is not performed again. */
  readonly reused: readonly (Pick<ForkedWork, "run" | "step"> & {
    readonly from: number;
    readonly differs?: true;
  })[];
  /** Dispatched with the first commit. */
  readonly anew: readonly ForkedWork[];
  /** Recorded outcomes that are still ahead: each is reused unless something that its agent reads differs by then. */
  readonly ahead: readonly ForkedWork[];
  /** Effects of the origin of which nobody knows whether they happened: they fail here, unless the fork repeats effects. */
  readonly doubtful: readonly { readonly run: string; readonly step: string }[];
  /** What `anew` and `ahead` cost in the origin: about as much as the fork may cost at most. */
  readonly mayCost: Usage;
}

/** A fork that was begun, or only asked for. */
export interface Forked extends ForkPlan {
  /** The fork's last event after its first decision; 0 where it was only asked for. */
  readonly sequence: number;
}

/** What a fork does, by what its first decision did. */
export function planOf(
  input: ForkInput,
  { session }: SessionKey,
  { events, state: after }: { readonly events: readonly RecordedEvent[]; readonly state: SessionState },
): ForkPlan {
  const stepOf = new Map<string, { readonly run: string; readonly step: string }>();
  for (const { id, run, step } of Object.values(input.state.tasks)) stepOf.set(id, { run, step });
  const reused: ForkPlan["reused"][number][] = [];
  const anew: ForkedWork[] = [];
  for (const { type, data } of events) {
    if (type === "TaskCreated") stepOf.set(data.task, { run: data.run, step: data.step });
    const at = "task" in data && data.task !== undefined ? stepOf.get(data.task) : undefined;
    if (at === undefined) continue;
    if (type === "OutcomeReused")
      reused.push({ ...at, from: data.from, ...(data.differs && { differs: true }) });
    if (type === "AttemptDispatched") anew.push(workOf(input, { ...at, agent: data.agent }));
  }
  const left = after.fork?.recorded ?? [];
  const ahead = left.flatMap((one) =>
    one.kind === "agent" && !anew.some(({ run, step }) => run === one.run && step === one.step)
      ? [workOf(input, one)]
      : [],
  );
  return {
    session,
    origin: input.origin,
    reused,
    anew,
    ahead,
    doubtful: input.doubtful,
    mayCost: sumOf([...anew, ...ahead]),
  };
}

function workOf(
  { recorded }: ForkInput,
  { run, step, agent }: Pick<ForkedWork, "run" | "step" | "agent">,
): ForkedWork {
  const found = recorded.find(
    (one) => one.kind === "agent" && one.run === run && one.step === step && one.agent === agent,
  );
  const { usage, effect } = found?.kind === "agent" ? found : {};
  return { run, step, agent, ...(usage !== undefined && { usage }), ...(effect && { effect }) };
}

function sumOf(work: readonly ForkedWork[]): Usage {
  const sum = (of: (usage: Usage) => number | undefined): number =>
    work.reduce((total, { usage }) => total + ((usage && of(usage)) ?? 0), 0);
  return { tokens: sum(({ tokens }) => tokens), money: sum(({ money }) => money) };
}
