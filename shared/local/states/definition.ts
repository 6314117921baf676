import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import { PLAIN_PATH } from "./wait.ts";

/** A state of a definition, as far as this runtime reads it. */
export interface State {
  readonly Type: string;
  readonly [field: string]: unknown;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
  readonly [field: string]: unknown;
}

const MACHINE_FIELDS = ["Comment", "Version", "StartAt", "States", "TimeoutSeconds", "QueryLanguage"];
const PATHS = ["InputPath", "OutputPath", "ResultPath"];
const ANY_STATE = ["Type", "Comment", "Next", "End", "QueryLanguage", "InputPath", "OutputPath"];
/** Fields of each type beside those of any; another is not understood. */
const STATE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...PATHS, "Resource", "Parameters", "ResultSelector", "TimeoutSeconds", "Retry", "Catch"],
  Wait: ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
  Choice: ["Choices", "Default"],
  Pass: [...PATHS, "Parameters", "Result"],
  Succeed: [],
  Fail: ["Error", "ErrorPath", "Cause", "CausePath"],
};

/** Reads a definition, or refuses what would run otherwise here than on AWS; `owner` names the resource. */
export function readDefinition(value: unknown, owner: string): Definition {
  const definition = recordOf(value, owner);
  refuseOthers(definition, MACHINE_FIELDS, owner);
  requireJsonPath(definition, owner);
  const states = Object.entries(recordOf(definition["States"], `${owner}: States`));
  for (const [name, state] of states) checkState(recordOf(state, `${owner}: ${name}`), `${owner}: ${name}`);
  try {
    // Its validator knows the language's rules: names that exist, fields that exclude each other, paths. It takes any JSON; only
    // its type wants each state's fields.
    new StateMachine(definition as unknown as StateMachineDefinition, {
      validationOptions: { checkArn: false },
    });
  } catch (error) {
    throw new Error(`${owner}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  // Checked above.
  return definition as Definition;
}

function checkState(state: Readonly<Record<string, unknown>>, owner: string): void {
  const type = String(state["Type"]);
  const fields = STATE_FIELDS[type];
  if (fields === undefined) throw new Error(`${owner}: states of type ${type} are not understood here.`);
  requireJsonPath(state, owner);
  refuseOthers(state, [...ANY_STATE, ...fields], owner);
  const text = JSON.stringify(state);
  if (/"\{%.*%\}"/.test(text)) throw new Error(`${owner}: JSONata is not understood here.`);
  for (const field of ["SecondsPath", "TimestampPath"]) {
    const path = state[field];
    if (path !== undefined && !PLAIN_PATH.test(String(path)))
      throw new Error(`${owner}: the path ${String(path)} of a wait is not understood here.`);
  }
  for (const object of ["$$.Task", "$$.State."]) {
    if (text.includes(object)) throw new Error(`${owner}: ${object} of the context is not known here.`);
  }
}

function requireJsonPath(holder: Readonly<Record<string, unknown>>, owner: string): void {
  const language = holder["QueryLanguage"] ?? "JSONPath";
  if (language !== "JSONPath")
    throw new Error(`${owner}: ${JSON.stringify(language)} is not understood here.`);
}

function refuseOthers(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  owner: string,
): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`${owner} has ${unknown.join(", ")}, which is not understood here.`);
}

function recordOf(value: unknown, owner: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`${owner}: an object was expected, not ${JSON.stringify(value)}.`);
}
