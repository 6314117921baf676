import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import type { Commit } from "../commit.ts";
import type { Directive } from "../directives.ts";
import type { NewEvent, RecordedEvent } from "../events.ts";
import { VALUES_IN } from "./event-values.ts";
import { saidKey, sealedIn } from "./markers.ts";
import type { PersonalValues, Location } from "./personal-values.ts";
import { stateValues } from "./state-values.ts";

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
