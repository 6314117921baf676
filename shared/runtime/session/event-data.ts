import { SpineError, type Problem } from "#core/errors.ts";
import { problemsText } from "#core/problems.ts";
import type { Application } from "#core/flow/compile.ts";
import type { Json } from "#core/json.ts";
import { asJson, validate } from "./validate.ts";

/** What the application of today makes of an event's data, or why it does not take it. */
export type CheckedData = { readonly data: Json } | { readonly data: Json; readonly unfit: SpineError };

export async function checkData(
  application: Application,
  type: string,
  given: Json | undefined,
): Promise<CheckedData> {
  const data = given ?? null;
  if (!application.eventTypes.has(type)) return { data, unfit: unknownType(type, application) };
  const schema = application.eventSchema(type);
  if (schema === undefined) return { data };
  const fitting = await validate(schema, data, "data");
  const checked = fitting.ok ? asJson(fitting.value, "data") : fitting;
  if (checked.ok) return { data: checked.value };
  const missing = { field: "data", problem: "is missing", repair: `Give the data of ${type}.` };
  return { data, unfit: schemaError(type, given === undefined ? [missing] : checked.problems) };
}

export function schemaError(type: string, problems: readonly Problem[]): SpineError {
  const text = `The data does not fit the schema of ${type}. ${problemsText(problems)}.`;
  return new SpineError("input.schema", text, { problems });
}

function unknownType(type: string, { eventTypes }: Application): SpineError {
  const repair = `Use one of ${[...eventTypes].join(", ")}.`;
  return new SpineError("input.unknown-type", `No flow uses the event type "${type}". ${repair}`, {
    problems: [{ field: "type", problem: `no flow uses "${type}"`, repair }],
  });
}
