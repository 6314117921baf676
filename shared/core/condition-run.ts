import type { ASTNode } from "@marcbachmann/cel-js";
import { callFunction, compute } from "./condition-calls.ts";
import { language, operate, reasonOf } from "./condition-language.ts";
import { ERROR_STEPS, OutOfSteps, spend } from "./condition-steps.ts";
import { fieldOf, isContainer, isList, itemsOf, typeName } from "./condition-values.ts";

/** What names stand for: the sections of the scope, and inside a loop its variable before them. */
export interface Names {
  readonly get: (name: string) => unknown;
}

/** Loops, which are written as methods, by how many arguments they have. */
export const LOOPS: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

/**
 * Evaluates a node, and pays for it before it does. Throws for what the language has no value for; operations over numbers,
 * texts and instants are the library's.
 */
export function run(node: ASTNode, names: Names): unknown {
  spend(2);
  switch (node.op) {
    case "value":
      return node.args;
    case "id":
      return named(node.args, names);
    case ".":
      return known(fieldOf(run(node.args[0], names), node.args[1]), node.args[1]);
    case "[]":
      return indexed(node.args, names);
    case "call":
      return node.args[0] === "has" ? has(node.args[1][0], names) : called(node.args[0], node.args[1], names);
    case "rcall": {
      const [name, receiver, args] = node.args;
      return isLoop(name, args)
        ? loop(name, itemsToLoop(receiver, names), args, names)
        : called(`.${name}`, [receiver, ...args], names);
    }
    case "list":
      spend(node.args.length);
      return valuesOf(node.args, names);
    case "map":
      return built(node.args, names);
    case "?:":
      return run(
        node.args[isTruth(run(node.args[0], names), "Ternary condition must be bool") ? 1 : 2],
        names,
      );
    case "||":
      return either(true, node.args, names);
    case "&&":
      return either(false, node.args, names);
    case "!_":
    case "-_":
      return callFunction(node.op[0] ?? "", [run(node.args, names)]);
    case ".?":
    case "[?]":
      throw new Error("Optional fields are not part of conditions");
    default: {
      const [left, right] = node.args;
      // In this order, so that of two errors the same one is told.
      const a = run(left, names);
      return compute(node.op, a, run(right, names));
    }
  }
}

const isLoop = (name: string, args: readonly ASTNode[]): boolean => LOOPS.has(name) && args[0]?.op === "id";

/** From the last to the first, as the library does: of two errors the same one is told. */
function valuesOf(nodes: readonly ASTNode[], names: Names): unknown[] {
  const values = new Array<unknown>(nodes.length);
  for (let at = nodes.length - 1; at >= 0; at--) values[at] = run(nodes[at] as ASTNode, names); // within its bounds
  return values;
}

function called(name: string, args: readonly ASTNode[], names: Names): unknown {
  return callFunction(name, valuesOf(args, names));
}

function named(name: string, names: Names): unknown {
  const value = names.get(name);
  if (value !== undefined) return value;
  if (language.hasVariable(name)) return operate(name, []);
  throw new Error(`Unknown variable: ${name}`);
}

function known(value: unknown, key: string): unknown {
  if (value !== undefined) return value;
  throw new Error(`No such key: ${key}`);
}

function indexed([of, by]: readonly [ASTNode, ASTNode], names: Names): unknown {
  const value = run(of, names);
  const found = fieldOf(value, run(by, names));
  if (found !== undefined) return found;
  // What a computed key was may be nobody's business.
  const key = by.input.slice(by.range.start, by.range.end);
  throw new Error(`No such key: ${isList(value) ? "index out of bounds: " : ""}${key}`);
}

/** Asks for each part in turn, so that a missing section answers false like a missing field does. */
function has(field: ASTNode | undefined, names: Names): boolean {
  const parts: string[] = [];
  let at = field;
  for (; at?.op === "."; at = at.args[0]) parts.unshift(at.args[1]);
  if (at?.op !== "id") throw new Error("has() asks for a field of a section");
  spend(8 * parts.length);
  let value = names.get(at.args);
  for (const part of parts) if (value !== undefined) value = fieldOf(value, part);
  return value !== undefined;
}

function built(entries: readonly (readonly [ASTNode, ASTNode])[], names: Names): unknown {
  spend(8 * entries.length);
  // From the last to the first, like lists.
  const pairs = entries.toReversed().map(([key, value]) => {
    const made = run(value, names);
    return [keyText(run(key, names)), made] as const;
  });
  // Defines own properties, whatever their names.
  return Object.fromEntries(pairs.reverse());
}

function keyText(key: unknown): string {
  if (typeof key === "string") {
    spend(key.length);
    return key;
  }
  if (typeof key === "bigint" || typeof key === "number" || typeof key === "boolean") return String(key);
  throw new Error("A key of an object is no text. Write a fixed key in quotes");
}

function isTruth(value: unknown, otherwise: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Error(`${otherwise}, got '${typeName(value)}'`);
}

/** `||` and `&&`: the side that decides does so even where the other one is an error. */
function either(decides: boolean, [left, right]: readonly [ASTNode, ASTNode], names: Names): boolean {
  const operand = (value: unknown) => isTruth(value, "Logical operator requires bool operands");
  let error: unknown;
  try {
    if (operand(run(left, names)) === decides) return decides;
  } catch (caught) {
    error = passed(caught);
  }
  if (operand(run(right, names)) === decides) return decides;
  if (error !== undefined) throw error;
  return !decides;
}

/** An error that others may outweigh. Throws it where nothing does. */
function passed(error: unknown): Error {
  if (error instanceof OutOfSteps) throw error;
  spend(ERROR_STEPS);
  return error instanceof Error ? error : new Error(reasonOf(error));
}

function itemsToLoop(node: ASTNode, names: Names): readonly unknown[] {
  const value = run(node, names);
  if (isContainer(value)) return itemsOf(value);
  throw new Error(
    `Expression of type '${typeName(value)}' cannot be range of a comprehension (must be list, map, or dynamic).`,
  );
}

/** The part of a loop that is evaluated for each item. */
type Each = (item: unknown) => unknown;

function loop(
  name: string,
  items: readonly unknown[],
  [variable, first, second]: readonly ASTNode[],
  names: Names,
): unknown {
  if (variable?.op !== "id" || first === undefined) throw new Error(`${name}() goes over items by a name`);
  let current: unknown;
  const inside: Names = { get: (asked) => (asked === variable.args ? current : names.get(asked)) };
  const each =
    (node: ASTNode): Each =>
    (item) => {
      spend(3);
      current = item;
      return run(node, inside);
    };
  const given = second === undefined ? `${name}(var, predicate)` : `${name}(var, filter, transform) filter`;
  const predicate = (item: unknown) => isTruth(each(first)(item), `${given} predicate must return bool`);
  switch (name) {
    case "all":
      return !settles(items, predicate, false);
    case "exists":
      return settles(items, predicate, true);
    case "exists_one":
      return items.filter(predicate).length === 1;
    case "filter":
      return items.filter(predicate);
    default:
      return second === undefined
        ? items.map(each(first))
        : items.flatMap((item) => (predicate(item) ? [each(second)(item)] : []));
  }
}

/** Whether an item decides; if none does, the first error counts. */
function settles(items: readonly unknown[], holds: (item: unknown) => boolean, decides: boolean): boolean {
  let error: Error | undefined;
  for (const item of items) {
    try {
      if (holds(item) === decides) return true;
    } catch (caught) {
      const gone = passed(caught);
      error ??= gone;
    }
  }
  if (error !== undefined) throw error;
  return false;
}
