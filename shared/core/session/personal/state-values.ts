import type { RecordedOutcome } from "../fork/recorded-outcome.ts";
import { isLive, type LiveRun, type RunState, type SessionState, type StepState } from "../state.ts";
import { ITEM, type PersonalValues } from "./personal-values.ts";
import { endingValues, failed, inputValues, objectAt } from "./value-parts.ts";

/** Replaces the personal values of a state. */
export function stateValues(state: SessionState, personal: PersonalValues): SessionState {
  const { context } = personal;
  const runs = Object.entries(state.runs).map(([id, run]) => [id, runValues(run, personal)]);
  const ordinals = Object.entries(state.ordinals).map(([source, known]) => {
    const held = Object.entries(known.held).map(([ordinal, one]) => [
      ordinal,
      { ...one, input: inputValues(one.input, personal) },
    ]);
    return [source, { ...known, held: Object.fromEntries(held) as typeof known.held }];
  });
  return {
    ...state,
    ...(state.kept !== undefined && {
      kept: state.kept.map((event) => ({ ...event, data: personal.at("input", event.data) })),
    }),
    ...(state.fork !== undefined && {
      fork: { ...state.fork, recorded: state.fork.recorded.map((one) => recordedValues(one, personal)) },
    }),
    tasks: taskValues(state.tasks, personal),
    context: context(state.context),
    // Made of the same entries, by the same keys.
    runs: Object.fromEntries(runs) as SessionState["runs"],
    ordinals: Object.fromEntries(ordinals) as SessionState["ordinals"],
  };
}

function runValues(run: RunState, personal: PersonalValues): RunState {
  const { at, result } = personal;
  const input = at("input", run.input);
  if (isLive(run)) {
    const steps = stepValues(run.steps, personal);
    const effects = run.effects?.map((effect) => ({ ...effect, result: result(effect.result) }));
    const ending = run.ending && { ending: endingValues(run.ending, personal) };
    return { ...run, input, steps, ...(effects !== undefined && { effects }), ...ending };
  }
  const { session, constraints } = run;
  return {
    ...run,
    input,
    ...(session !== undefined && { session: objectAt("session", session, at) }),
    ...(constraints !== undefined && { constraints: objectAt("constraints", constraints, at) }),
  };
}

/** The same tasks, where none was signalled. */
function taskValues(tasks: SessionState["tasks"], { whole }: PersonalValues): SessionState["tasks"] {
  const told = Object.values(tasks).flatMap((task) => {
    const signals = task.signals?.map((signal) => ({ ...signal, data: whole(signal.data) }));
    return signals === undefined ? [] : [[task.id, { ...task, signals }] as const];
  });
  return told.length === 0 ? tasks : { ...tasks, ...(Object.fromEntries(told) as SessionState["tasks"]) };
}

function stepValues(steps: LiveRun["steps"], personal: PersonalValues): LiveRun["steps"] {
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, stepValue(step, personal)]));
}

function stepValue(step: StepState, personal: PersonalValues): StepState {
  const told =
    "items" in step && step.items !== undefined
      ? { ...step, items: step.items.map((item) => personal.result(item, ITEM)) }
      : step;
  return "error" in told && told.error !== undefined
    ? failed({ ...told, error: told.error }, personal)
    : told;
}

/** Replaces the personal values of what a fork may take from its origin. */
export function recordedValues(one: RecordedOutcome, { context, result }: PersonalValues): RecordedOutcome {
  return one.kind === "person"
    ? { ...one, value: result(one.value) }
    : { ...one, view: context(one.view), result: result(one.result) };
}
