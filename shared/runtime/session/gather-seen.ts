import { DEADLINE_GRACE_MS } from "#core/flow/bounds.ts";
import type { TenantId } from "#core/ids.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import type { Input } from "#core/session/input.ts";
import type { Seen } from "#core/session/seen.ts";
import type { SessionState } from "#core/session/state.ts";
import type { Engine } from "./engine.ts";
import { healthOf } from "./tenant-health.ts";

/** What deciding these inputs sees beside state and input: all that the world has to say, asked before and stored in the commit. */
export async function gatherSeen(
  engine: Engine,
  state: SessionState,
  inputs: readonly Input[],
  book: FlowBook,
): Promise<Seen> {
  const breakers = await breakerStatesOf(engine, state.tenant);
  const brought = inputs.find((input) => input.kind === "fork");
  const personal = await personalPaths(engine, brought?.state ?? state, book);
  const { form = SCHEMA_VERSION } = engine;
  return {
    now: engine.clock.now(),
    id: engine.ids.next(),
    ...(Object.keys(breakers).length > 0 && { breakers }),
    ...(engine.limits !== undefined && { limits: engine.limits }),
    ...(form > 1 && { form }),
    ...(personal !== undefined && { personal }),
    ...(await listen(engine, state, inputs)),
    ...handOf(inputs),
    ...(engine.pauseMs !== undefined &&
      inputs.some(({ kind }) => MAY_FAIL.has(kind)) && { pauseMs: engine.pauseMs }),
    ...(inputs.some(({ kind }) => kind === "claim") && { repeatGraceMs: DEADLINE_GRACE_MS }),
  };
}

/** After these an agent may be tried again. */
const MAY_FAIL: ReadonlySet<Input["kind"]> = new Set(["answer", "letter", "deadline"]);

/** Only an answer that comes alone is answered to its host. */
function handOf([first, ...others]: readonly Input[]): Pick<Seen, "nextWithinMs"> {
  const nextWithinMs = first?.kind === "answer" && others.length === 0 ? first.nextWithinMs : undefined;
  return nextWithinMs === undefined ? {} : { nextWithinMs };
}

/** A timer that fires asks when the agents were last heard of that must be heard of by now. */
async function listen(
  { heartbeats, clock }: Engine,
  { tenant, session, tasks, time }: SessionState,
  inputs: readonly Input[],
): Promise<Pick<Seen, "heartbeats">> {
  if (!inputs.some(({ kind }) => kind === "deadline")) return {};
  // Session time, by which it is decided.
  const now = Math.max(clock.now(), time);
  const asked = Object.values(tasks)
    .filter(({ phase }) => phase.name === "dispatched" && (phase.checkAt ?? Infinity) <= now)
    .map(({ id: task, attempt }) => ({ tenant, session, task, attempt }));
  if (asked.length === 0) return {};
  const last = await heartbeats.last(asked);
  const heard = asked.flatMap(({ task, attempt }, at) => {
    const since = last[at];
    return since === undefined ? [] : [[`${task}/${attempt}`, since] as const];
  });
  return { heartbeats: Object.fromEntries(heard) };
}

/** By the flows that may run now: the application's, and older ones that runs go on with. */
async function personalPaths(
  { personal, application }: Engine,
  { tenant, runs, personal: known = [] }: SessionState,
  book: FlowBook,
): Promise<Seen["personal"]> {
  const older = Object.values(runs).flatMap(({ flow }) =>
    application.byHash(flow) === undefined ? (book.byHash(flow) ?? []) : [],
  );
  return personal?.paths(tenant, [...application.flows, ...older], known);
}

/** Not knowing how the agents are is no reason to keep an input waiting: their breakers count as closed. */
async function breakerStatesOf(engine: Engine, tenant: TenantId): Promise<NonNullable<Seen["breakers"]>> {
  try {
    return await healthOf(engine, tenant).breakerStates();
  } catch (error) {
    engine.onTrouble?.(error, "reading the circuit breakers");
    return {};
  }
}
