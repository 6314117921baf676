import { isSpineError, type Problem } from "#core/errors.ts";
import { RESERVED_SECTIONS } from "#core/contract.ts";
import { parseAgentName, parseFlowName } from "#core/ids.ts";

/** `order-status` as the name of a value: `orderStatus`. */
export const camel = (name: string): string =>
  name.replaceAll(/[-_.]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());

/** `order-status` as the name of a type or an event: `OrderStatus`. */
export const pascal = (name: string): string => {
  const text = camel(name).replaceAll(/[^A-Za-z0-9]/g, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** The section that an agent of this name writes. */
export const sectionOf = (name: string): string => name.replaceAll("-", "_");

/** No value can be called so. */
const WORDS = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);

/** What is wrong with a name for a new agent or flow, in an application whose module this is. */
export function nameProblems(kind: "agent" | "flow", name: string, source: string): readonly Problem[] {
  const field = "NAME";
  try {
    if (kind === "agent") parseAgentName(name, field);
    else parseFlowName(name, field);
  } catch (error) {
    if (isSpineError(error)) return error.problems.map((one) => ({ ...one, field }));
    throw error;
  }
  const repair = "Give another name.";
  if (kind === "agent" && RESERVED_SECTIONS.includes(sectionOf(name)))
    return [{ field, problem: `"${name}" is a section that the spine itself writes`, repair }];
  const value = kind === "agent" ? camel(name) : `${camel(name)}Flow`;
  if (WORDS.has(value) || !/^[A-Za-z_$][\w$]*$/.test(value))
    return [{ field, problem: `"${value}" cannot be the name of a value`, repair }];
  if (new RegExp(`\\b${value.replaceAll("$", "\\$")}\\b(?!["'.-])`).test(withoutStrings(source)))
    return [{ field, problem: `"${value}" is already used in the application's module`, repair }];
  return [];
}

const withoutStrings = (source: string): string => source.replaceAll(/"[^"\n]*"|'[^'\n]*'/g, '""');
