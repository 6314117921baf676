import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import type { Commit } from "../commit.ts";
import type { Directive } from "../directives.ts";
import type { NewEvent, RecordedEvent } from "../events.ts";
import { isLive, type LiveRun, type RunState, type SessionState, type StepState } from "../state.ts";
import { endingValues, failed, inputValues, objectAt, VALUES_IN } from "./event-values.ts";
import { saidKey, sealedIn } from "./markers.ts";
import { ITEM, type PersonalValues, type Location } from "./personal-values.ts";

/** Replaces the personal values of a commit: in its events, in the views that it dispatches, in its snapshot. */
export function commitValues(commit: Commit, personal: PersonalValues): Commit {
  const { snapshot } = commit;
  return {
    ...commit,
    events: commit.events.map((event) => eventValues(event, personal)),
    directives: commit.directives.map((directive) => directiveValues(directive, personal)),
    ...(snapshot !== undefined && {
      snapshot: "blob" in snapshot ? snapshot : stateValues(snapshot, personal),
    }),
  };
}

function eventValues(event: RecordedEvent, personal: PersonalValues): RecordedEvent {
  // One function a type: the table's type ties each to its data, which an index by a union cannot express.
  const values = VALUES_IN[event.type] as (data: NewEvent["data"], of: PersonalValues) => NewEvent["data"];
  return { ...event, data: values(event.data, personal) } as RecordedEvent;
}

function directiveValues(directive: Directive, { context }: PersonalValues): Directive {
  if (directive.type !== "dispatch" || directive.order.linked) return directive;
  // One that is not linked is the view itself.
  return { ...directive, order: { ...directive.order, view: context(directive.order.view as JsonObject) } };
}

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

/** What stands in place of an object at a location; `undefined` where it is looked into. */
type Replacement = (value: JsonObject, location: Location) => Json | undefined;

function walkValues(
  value: Json,
  replace: Replacement,
  rename: (key: string) => string,
  location: Location,
): Json {
  if (Array.isArray(value))
    return value.map((inner: Json, index) =>
      walkValues(inner, replace, rename, [...location, String(index)]),
    );
  if (!isJsonObject(value)) return value;
  const replaced = replace(value, location);
  // Also where it is null.
  if (replaced !== undefined) return replaced;
  const entries = Object.entries(value).map(([key, inner]) => [
    rename(key),
    walkValues(inner, replace, rename, [...location, key]),
  ]);
  // Made of JSON under texts.
  return Object.fromEntries(entries) as JsonObject;
}

const asItIs = (key: string): string => key;

/** Replaces objects by where they stand. */
export const replaceValues = (value: Json, replace: Replacement): Json =>
  walkValues(value, replace, asItIs, []);

/**
 * Replaces every sealed value, wherever it stands. What does not open was never sealed there, and stays as it is. What was renamed for
 * looking like a marker has its own name again.
 */
export function openValues(
  value: Json,
  open: (sealed: string, location: Location) => Json | undefined,
): Json {
  const replace: Replacement = (object, location) => {
    const sealed = sealedIn(object);
    const opened = sealed === undefined ? undefined : open(sealed, location);
    // What was sealed had been renamed before.
    return opened === undefined ? undefined : walkValues(opened, () => undefined, saidKey, []);
  };
  return walkValues(value, replace, saidKey, []);
}
