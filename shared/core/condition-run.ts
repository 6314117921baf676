import type { ASTNode } from "@marcbachmann/cel-js";
import { callFunction, compute } from "./condition-calls.ts";
import { language, operate } from "./condition-language.ts";
import { ERROR_STEPS, OutOfSteps, spend } from "./condition-steps.ts";
import { fieldOf, isContainer, isList, keysOf, typeName } from "./condition-values.ts";

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
    case "id": {
      const value = names.get(node.args);
      if (value !== undefined) return value;
      if (language.hasVariable(node.args)) return operate(node.args, []);
      throw new Error(`Unknown variable: ${node.args}`);
    }
    case ".":
    case "[]": {
      const value = run(node.args[0], names);
      const found = fieldOf(value, node.op === "." ? node.args[1] : run(node.args[1], names));
      if (found !== undefined) return found;
      const [, key] = node.args;
      // What a computed key was may be nobody's business.
      const said = typeof key === "string" ? key : key.input.slice(key.range.start, key.range.end);
      throw new Error(`No such key: ${isList(value) ? "index out of bounds: " : ""}${said}`);
    }
    case "call": {
      const [name, args] = node.args;
      const [asked] = args;
      if (name === "has" && asked !== undefined) return partOf(asked, names) !== undefined;
      return callFunction(name, valuesOf(args, names));
    }
    case "rcall": {
      const [name, receiver, args] = node.args;
      const [variable, ...bodies] = args;
      if (LOOPS.has(name) && variable?.op === "id")
        return loop(name, run(receiver, names), variable.args, bodies, names);
      return callFunction(`.${name}`, valuesOf([receiver, ...args], names));
    }
    case "list":
      return valuesOf(node.args, names);
    case "map":
      return built(valuesOf(node.args.flat(), names));
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
      // No program has them.
      return undefined;
    default: {
      // In this order, so that of two errors the same one is told.
      const a = run(node.args[0], names);
      return compute(node.op, a, run(node.args[1], names));
    }
  }
}

/** From the last to the first, as the library does: of two errors the same one is told. */
function valuesOf(nodes: readonly ASTNode[], names: Names): unknown[] {
  spend(nodes.length);
  return nodes
    .toReversed()
    .map((node) => run(node, names))
    .reverse();
}

/** Asks for each part in turn, so that a missing section is no error, like a missing field. */
function partOf(node: ASTNode, names: Names): unknown {
  spend(8);
  if (node.op === ".") return fieldOf(partOf(node.args[0], names), node.args[1]);
  return node.op === "id" ? names.get(node.args) : undefined;
}

/** An object of keys and values in turn. */
function built(parts: readonly unknown[]): unknown {
  spend(4 * parts.length);
  const fields: [string, unknown][] = [];
  for (let at = 0; at < parts.length; at += 2) fields.push([keyText(parts[at]), parts[at + 1]]);
  // Defines own properties, whatever their names.
  return Object.fromEntries(fields);
}

function keyText(key: unknown): string {
  if (typeof key === "object") throw new Error("A key of an object is no text. Write a fixed key in quotes");
  const text = String(key);
  spend(text.length);
  return text;
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
  return error as Error; // the language throws nothing else
}

/** Goes over the items of a list, or the keys of an object. */
function loop(
  name: string,
  over: unknown,
  variable: string,
  bodies: readonly ASTNode[],
  names: Names,
): unknown {
  if (!isContainer(over))
    throw new Error(
      `Expression of type '${typeName(over)}' cannot be range of a comprehension (must be list, map, or dynamic).`,
    );
  const items = isList(over) ? over : keysOf(over);
  let current: unknown;
  const inside: Names = { get: (asked) => (asked === variable ? current : names.get(asked)) };
  const [first, second] = bodies as readonly [ASTNode, ASTNode?]; // or it would be no program
  const valueOf = (body: ASTNode, item: unknown): unknown => {
    spend(3);
    current = item;
    return run(body, inside);
  };
  const given = second === undefined ? `${name}(var, predicate)` : `${name}(var, filter, transform) filter`;
  const holds = (item: unknown) => isTruth(valueOf(first, item), `${given} predicate must return bool`);
  switch (name) {
    case "all":
      return !anyDecides(items, holds, false);
    case "exists":
      return anyDecides(items, holds, true);
    case "exists_one":
      return items.filter(holds).length === 1;
    case "filter":
      return items.filter(holds);
    default:
      return second === undefined
        ? items.map((item) => valueOf(first, item))
        : items.flatMap((item) => (holds(item) ? [valueOf(second, item)] : []));
  }
}

/** Whether an item decides; if none does, the first error counts. */
function anyDecides(items: readonly unknown[], holds: (item: unknown) => boolean, decides: boolean): boolean {
  let error: Error | undefined;
  for (const item of items) {
    try {
      if (holds(item) === decides) return true;
    } catch (caught) {
      const passedOver = passed(caught);
      error ??= passedOver;
    }
  }
  if (error !== undefined) throw error;
  return false;
}
