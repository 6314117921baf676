import type { ASTNode } from "@marcbachmann/cel-js";
import { checkTypes, language, MAX_CONDITION_DEPTH, reasonOf } from "./condition-language.ts";
import type { Repair } from "./condition-repairs.ts";
import { LOOPS } from "./condition-run.ts";

export const MAX_CONDITION_LENGTH = 1_000;

const MAX_PROGRAMS = 500;

export interface Program {
  readonly ok: true;
  readonly ast: ASTNode;
  readonly paths: readonly string[];
  /** Those of the paths that it asks for with `has`. */
  readonly guards: readonly string[];
  /** Those of the paths whose values become keys of objects. */
  readonly keys: readonly string[];
}

export interface Refusal {
  readonly ok: false;
  readonly problem: string;
  readonly repair: Repair;
}

const programs = new Map<string, Program | Refusal>();

/** Compiled once for each text; the cache is emptied when it is full, since a spine has far fewer expressions. */
export function programOf(text: string): Program | Refusal {
  const known = programs.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_CONDITION_LENGTH) {
    return refusal(
      `The expression has ${text.length} characters; ${MAX_CONDITION_LENGTH} are allowed`,
      "length",
    );
  }
  if (programs.size >= MAX_PROGRAMS) programs.clear();
  const program = compile(text);
  programs.set(text, program);
  return program;
}

/** Parts of the language whose cost has no bound, or whose result depends on the machine. */
const REFUSED: Readonly<Record<string, Repair>> = {
  matches: "matches",
  bind: "bind",
  json: "json",
  getDayOfYear: "zone",
};

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(problem: string, repair: Repair) {
    super(problem);
    this.refusal = refusal(problem, repair);
  }
}

function refusal(problem: string, repair: Repair): Refusal {
  return { ok: false, problem, repair };
}

function compile(text: string): Program | Refusal {
  try {
    const { ast } = language.parse(text);
    const reads: Reads = { paths: new Set(), guards: new Set(), keys: new Set(), sections: [] };
    note(ast, { reads, bound: [], depth: 1 });
    const problem = checkTypes(text, reads.sections);
    if (problem !== undefined) return unreadable(problem);
    const { paths, guards, keys } = reads;
    return { ok: true, ast, paths: [...paths], guards: [...guards], keys: [...keys] };
  } catch (error) {
    return error instanceof Refused ? error.refusal : unreadable(error);
  }
}

/** The tree of an expression. Throws where it cannot be read. */
export const treeOf = (text: string): ASTNode => language.parse(text).ast;

/** Dotted paths that a part of an expression reads; none of the names that loops around it give. */
export function readsOf(tree: ASTNode): readonly string[] {
  const reads: Reads = { paths: new Set(), guards: new Set(), keys: new Set(), sections: [] };
  note(tree, { reads, bound: [], depth: 1 });
  return [...reads.paths];
}

function unreadable(error: unknown): Refusal {
  const reason = reasonOf(error);
  if (reason.includes("maxDepth")) return tooDeep().refusal;
  return refusal(
    `The expression cannot be read: ${reason}`,
    reason.includes("=") && !reason.includes("==") ? "equals" : "language",
  );
}

function tooDeep(): Refused {
  return new Refused(`The expression is nested deeper than ${MAX_CONDITION_DEPTH} levels`, "depth");
}

interface Reads {
  readonly paths: Set<string>;
  readonly guards: Set<string>;
  readonly keys: Set<string>;
  /** Where the text asks for a whole section with `has`. */
  readonly sections: number[];
}

interface Reading {
  readonly reads: Reads;
  /** Loop variables in scope. */
  readonly bound: readonly string[];
  readonly depth: number;
}

/** Notes what a node reads, and refuses what is no part of conditions. Of an access the whole is noted, and not its parts. */
function note(node: ASTNode, outer: Reading, isPart = false): void {
  if (outer.depth > MAX_CONDITION_DEPTH) throw tooDeep();
  const here = { ...outer, depth: outer.depth + 1 };
  switch (node.op) {
    case "value":
      return;
    case "id":
    case ".":
    case "[]":
      if (!isPart) noteRead(node, outer);
      if (node.op !== "id") note(node.args[0], here, true);
      if (node.op === "[]") note(node.args[1], here);
      return;
    case "call":
      return noteCall(node.args[0], node.args[1], here);
    case "rcall":
      return noteMethod(node.args[0], node.args[1], node.args[2], here);
    case "map":
      for (const [key, value] of node.args) {
        const path = pathOf(key, here.bound);
        if (path !== undefined) here.reads.keys.add(path);
        note(key, here);
        note(value, here);
      }
      return;
    case "!_":
    case "-_":
      return note(node.args, here);
    case ".?":
    case "[?]":
      throw new Refused("Optional fields are not part of conditions", "optional");
    default:
      for (const part of node.args) note(part, here);
  }
}

function noteCall(name: string, args: readonly ASTNode[], here: Reading): void {
  refuseUnbounded(name);
  const [only] = args;
  if (name === "has" && (only?.op === "." || only?.op === "id")) return noteHas(only, here);
  if (name === "timestamp" && only !== undefined && !isFixedInstant(only)) {
    throw new Refused(
      "timestamp() needs a fixed text with its time zone, or int() of a number of seconds",
      "timestamp",
    );
  }
  for (const arg of args) note(arg, here);
}

/** A text without zone would be read in the zone of the machine. */
function isFixedInstant(node: ASTNode): boolean {
  if (node.op === "call") return node.args[0] === "int";
  if (node.op !== "value") return false;
  return (
    typeof node.args === "bigint" || (typeof node.args === "string" && /(?:Z|[+-]\d\d:\d\d)$/.test(node.args))
  );
}

function noteHas(field: ASTNode, here: Reading): void {
  note(field, here);
  const path = pathOf(field, here.bound);
  if (path === undefined) return;
  here.reads.guards.add(path);
  if (field.op === "id") here.reads.sections.push(field.range.start);
}

function noteMethod(name: string, receiver: ASTNode, args: readonly ASTNode[], here: Reading): void {
  refuseUnbounded(name);
  if (name.startsWith("get") && args.length > 0) {
    throw new Refused(`${name}() with a time zone is not part of conditions`, "zone");
  }
  note(receiver, here);
  const [variable] = args;
  const isLoop = LOOPS.has(name) && variable?.op === "id";
  const inside = isLoop ? { ...here, bound: [...here.bound, variable.args] } : here;
  for (const arg of isLoop ? args.slice(1) : args) note(arg, inside);
}

function refuseUnbounded(name: string): void {
  const repair = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (repair !== undefined) throw new Refused(`${name}() is not part of conditions`, repair);
}

function noteRead(node: ASTNode, { reads, bound }: Reading): void {
  const path = pathOf(node, bound);
  if (path === undefined) return;
  const [name = ""] = path.split(".", 1);
  if (!language.hasVariable(name)) reads.paths.add(path);
  else if (node.op !== "id")
    throw new Refused(
      `"${name}" is a reserved word of the expression language and cannot be read as a section`,
      "word",
    );
}

/** The longest dotted path into the scope that is fixed in the text; what stands after a computed key is not known. */
function pathOf(node: ASTNode, bound: readonly string[]): string | undefined {
  const keys: string[] = [];
  let at = node;
  while (at.op === "." || at.op === "[]") {
    const key = at.op === "." ? at.args[1] : textOf(at.args[1]);
    if (key === undefined) keys.length = 0;
    else keys.unshift(key);
    at = at.args[0];
  }
  return at.op !== "id" || bound.includes(at.args) ? undefined : [at.args, ...keys].join(".");
}

function textOf(key: ASTNode): string | undefined {
  return key.op === "value" && typeof key.args === "string" && !key.args.includes(".") ? key.args : undefined;
}
