import { operate } from "./condition-language.ts";
import { spend, spendCopy } from "./condition-steps.ts";
import {
  areEqual,
  fieldOf,
  isContainer,
  isList,
  isNumber,
  isOfLanguage,
  keysOf,
  typeName,
} from "./condition-values.ts";
import { indexIn, lastIndexIn, splitBy } from "./text-search.ts";

/** What handing an operation to the library costs. */
const OPERATION_STEPS = 40;
/** As much again, since a function finds its overload anew, and turns numbers into texts. */
const FUNCTION_STEPS = 80;
/** For each part that a text is split into. */
const PART_STEPS = 4;

/** The library tries each way to part digits of what is no duration: a time that grows with the cube of the length. */
const DURATION = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;
const MAX_DURATION_TEXT = 32;

/** An operation over two values, which have been paid for; what it reads and makes of them is paid for here. */
export function compute(operator: string, a: unknown, b: unknown): unknown {
  const anyContainer = isContainer(a) || isContainer(b);
  if (operator === "==" || operator === "!=") {
    if (anyContainer || !(isOfLanguage(a) || isOfLanguage(b))) return equal(a, b) === (operator === "==");
  } else if (operator === "in") {
    if (isList(b)) return b.some((item) => equal(a, item));
    if (isContainer(b)) return fieldOf(b, a) !== undefined;
  } else if (operator === "+" && isList(a) && isList(b)) {
    spend(a.length + b.length);
    return [...a, ...b];
  }
  if (anyContainer) throw new Error(`no such overload: ${typeName(a)} ${operator} ${typeName(b)}`);
  spendCopy(lengthOf(a) + lengthOf(b));
  if ((isNumber(a) && isNumber(b)) || (typeof a === "string" && typeof b === "string")) {
    if (operator === "<") return a < b;
    if (operator === "<=") return a <= b;
    if (operator === ">") return a > b;
    if (operator === ">=") return a >= b;
  }
  spend(OPERATION_STEPS);
  return operate(`a ${operator} b`, [a, b]);
}

const equal = (a: unknown, b: unknown): boolean =>
  areEqual(a, b, (one, other) => {
    spend(OPERATION_STEPS);
    spendCopy(lengthOf(one));
    return operate("a == b", [one, other]) === true;
  });

/** Of texts and bytes; other values are small. */
const lengthOf = (value: unknown): number =>
  typeof value === "string" || value instanceof Uint8Array ? value.length : 0;

/** Reads a function's values; nothing where they are none of its own, and the library says so. */
type Reading = (values: readonly unknown[]) => unknown;

/** Functions of lists and objects, and those whose cost the library leaves to the text. A method's name begins with a dot. */
const OWN: Readonly<Record<string, Reading>> = {
  dyn: ([value]) => value,
  type: ([value]) => (isContainer(value) ? operate("type(a)", [isList(value) ? [] : {}]) : undefined),
  size: ([value]) => sizeOf(value),
  ".size": ([value]) => sizeOf(value),
  ".join": ([list, separator = ""]) =>
    isList(list) && typeof separator === "string" ? join(list, separator) : undefined,
  ".contains": searching((text, wanted) => indexIn(text, wanted) >= 0),
  ".indexOf": searching((text, wanted, from) => BigInt(indexIn(text, wanted, from))),
  ".lastIndexOf": searching((text, wanted, from) => BigInt(lastIndexIn(text, wanted, from))),
  ".split": ([text, separator, most = -1n]) =>
    typeof text === "string" && typeof separator === "string" && typeof most === "bigint"
      ? split(text, separator, Number(most))
      : undefined,
  duration: ([text]) => {
    if (typeof text !== "string" || (text.length <= MAX_DURATION_TEXT && DURATION.test(text)))
      return undefined;
    throw new Error(
      `Invalid duration string. Write one like "1h30m", of at most ${MAX_DURATION_TEXT} characters`,
    );
  },
};

/** Calls a function, or with a dot before its name a method of its first value; `!` and `-` stand before it. */
export function callFunction(name: string, values: readonly unknown[]): unknown {
  spend(FUNCTION_STEPS + values.reduce<number>((sum, value) => sum + lengthOf(value), 0));
  const own = Object.hasOwn(OWN, name) ? OWN[name]?.(values) : undefined;
  if (own !== undefined) return own;
  if (values.some(isContainer)) {
    const types = values.map(typeName);
    const of = name.startsWith(".") ? types.shift() : "";
    throw new Error(`found no matching overload for '${of}${name}(${types.join(", ")})'`);
  }
  return operate(textOf(name, ["a", "b", "c"].slice(0, values.length)), values);
}

function textOf(name: string, operands: readonly string[]): string {
  const [first = "", ...others] = operands;
  if (name.startsWith(".")) return `${first}${name}(${others.join()})`;
  return /^\w/.test(name) ? `${name}(${operands.join()})` : name + first;
}

function sizeOf(value: unknown): bigint | undefined {
  if (!isContainer(value)) return undefined;
  if (isList(value)) return BigInt(value.length);
  return BigInt(keysOf(value).length);
}

function searching(find: (text: string, wanted: string, from?: number) => unknown): Reading {
  return ([text, wanted, from]) => {
    if (typeof text !== "string" || typeof wanted !== "string") return undefined;
    if (from === undefined) return find(text, wanted);
    // A place outside the text is for the library to refuse.
    return typeof from === "bigint" && wanted !== "" && from >= 0 && from < text.length
      ? find(text, wanted, Number(from))
      : undefined;
  };
}

function split(text: string, separator: string, most: number): readonly string[] {
  if (most === 0) return [];
  const parts = splitBy(text, separator);
  spend(PART_STEPS * parts.length);
  return most < 0 || parts.length <= most
    ? parts
    : [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

function join(list: readonly unknown[], separator: string): string {
  spend(list.length * (1 + separator.length));
  for (const item of list) {
    if (typeof item !== "string") throw new Error("string.join(): list must contain only strings");
    spend(item.length);
  }
  return list.join(separator);
}
