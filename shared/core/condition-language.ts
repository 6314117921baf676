import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import { messageOf } from "./errors.ts";

/** Levels of nesting: every operator, call, field and bracket around a value is one. */
export const MAX_CONDITION_DEPTH = 50;

// Numbers of JSON are doubles and literals like 1 are ints: the language compares them, but has no arithmetic for the pair.
const arithmetic = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
  "%": (a: number, b: number) => a % b,
};

export const language = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxDepth: MAX_CONDITION_DEPTH },
});
for (const [operator, of] of Object.entries(arithmetic)) {
  const handler = (a: number | bigint, b: number | bigint) => of(Number(a), Number(b));
  language.registerOperator(`int ${operator} double: double`, handler);
  language.registerOperator(`double ${operator} int: double`, handler);
}
language.registerOperator("double % double", arithmetic["%"]);

/** Checks what becomes of author's texts with a name around sections, which makes them a level deeper. */
const checked = language.clone({ limits: { maxDepth: MAX_CONDITION_DEPTH + 2 } });

/**
 * What of the types does not fit. The library's `has` asks for fields only; where the text asks for a section, it is checked as
 * a field.
 */
export function checkTypes(text: string, sections: readonly number[]): unknown {
  let asFields = text;
  for (const at of sections.toSorted((a, b) => b - a))
    asFields = `${asFields.slice(0, at)}sections.${asFields.slice(at)}`;
  const { valid, error } = checked.parse(asFields).check();
  return valid ? undefined : error;
}

/** What the language says of an expression or a value: below the first line it quotes a text, behind these words a value. */
export const reasonOf = (error: unknown): string =>
  messageOf(error).replace(/^(integer overflow|bool\(\) conversion error): [^]*|\n[^]*/, "$1");

/** As many as the language has words and operators. */
const operations = new Map<string, ParseResult>();
const OPERANDS = ["a", "b", "c"] as const;

/** Lets the library do one operation over values that are no lists or objects: `text` names them a, b and c. */
export function operate(text: string, values: readonly unknown[]): unknown {
  let operation = operations.get(text);
  if (operation === undefined) operations.set(text, (operation = language.parse(text)));
  return operation(new Map(values.map((value, at) => [OPERANDS[at] ?? "", value])));
}
