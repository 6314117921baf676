import { Environment, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";
import { isOddKey } from "./condition-values.ts";
import { messageOf } from "./errors.ts";
import { isJsonObject } from "./json.ts";

export const MAX_CONDITION_LENGTH = 1_000;
/** Levels of nesting: every operator, call, field and bracket around a value is one. */
export const MAX_CONDITION_DEPTH = 50;
/** Items that one evaluation may look at, over all its loops together: nested loops over long lists end in an error. */
export const MAX_CONDITION_STEPS = 100_000;

const MAX_PROGRAMS = 500;

export interface Program {
  readonly ok: true;
  readonly run: ParseResult;
  readonly paths: readonly string[];
  /** Those of the paths that it asks for with `has`. */
  readonly guards: readonly string[];
  /** Those of the paths whose values become keys of objects. */
  readonly keys: readonly string[];
  /** Names it reads from the scope. */
  readonly roots: ReadonlySet<string>;
}

export interface Refusal {
  readonly ok: false;
  readonly problem: string;
  readonly repair: string;
}

const programs = new Map<string, Program | Refusal>();

/** Compiled once for each text; the cache is emptied when it is full, since a spine has far fewer expressions. */
export function programOf(text: string): Program | Refusal {
  const known = programs.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_CONDITION_LENGTH) {
    return refusal(
      `The expression has ${text.length} characters; ${MAX_CONDITION_LENGTH} are allowed`,
      "Shorten it, or let an agent or a transform step work out the value that it needs.",
    );
  }
  if (programs.size >= MAX_PROGRAMS) programs.clear();
  const program = compile(text);
  programs.set(text, program);
  return program;
}

let steps = 0;
let maps = false;
let oddKeys = false;

/** Starts an evaluation; it is synchronous, so one counter serves all. With `asMaps`, its values have Maps for objects. */
export function startEvaluation(asMaps: boolean): void {
  steps = 0;
  maps = asMaps;
  oddKeys = false;
}

/** Whether the evaluation built an object that must be a Map, without having been started for them. */
export const builtOddKeys = (): boolean => oddKeys;

// Numbers of JSON are doubles and literals like 1 are ints: the language compares them, but has no arithmetic for the pair.
const arithmetic = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
  "%": (a: number, b: number) => a % b,
};

const language = new Environment({
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

/** Runs what `language` accepted, with guards written around it: deeper, and with a function that authors cannot name. */
const guardedLanguage = language.clone({ limits: { maxDepth: 6 * MAX_CONDITION_DEPTH } });
guardedLanguage.registerFunction("counted(dyn): dyn", countItems, { async: false });
// The library's own literals drop keys that plain objects inherit.
guardedLanguage.registerFunction("built(list): dyn", build, { async: false });

function build(entries: readonly (readonly [unknown, unknown])[]): unknown {
  const pairs = entries.map(([key, value]) => [keyText(key), value] as const);
  if (maps) return new Map(pairs);
  oddKeys ||= pairs.some(([key]) => isOddKey(key));
  return Object.fromEntries(pairs);
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "bigint" || typeof key === "number" || typeof key === "boolean") return String(key);
  throw new Error("A key of an object is no text. Write a fixed key in quotes");
}

function countItems(items: unknown): unknown {
  steps += sizeOf(items);
  if (steps > MAX_CONDITION_STEPS) throw new Error(`It looks at more than ${MAX_CONDITION_STEPS} items`);
  return items;
}

function sizeOf(items: unknown): number {
  if (Array.isArray(items)) return items.length;
  if (items instanceof Map) return items.size;
  return isJsonObject(items) ? Object.keys(items).length : 0;
}

const TIME_ZONE =
  "Work with UTC: time zone tables differ between machines, and the same log must decide the same.";

/** Parts of the language whose cost has no bound, or whose result depends on the machine. */
const REFUSED: Readonly<Record<string, string>> = {
  matches: "Use contains, startsWith, endsWith or ==: a regular expression can take minutes on a short text.",
  bind: "Compute the value in a transform step first: bindings can double a value many times.",
  json: "Bytes are not part of a context; read the field itself.",
  getDayOfYear: TIME_ZONE,
};

const LOOPS = new Set(["all", "exists", "exists_one", "map", "filter"]);

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(problem: string, repair: string) {
    super(problem);
    this.refusal = refusal(problem, repair);
  }
}

function refusal(problem: string, repair: string): Refusal {
  return { ok: false, problem, repair };
}

function compile(text: string): Program | Refusal {
  try {
    const parsed = language.parse(text);
    const reads: Reads = { paths: new Set(), guards: new Set(), keys: new Set(), roots: new Set() };
    const run = guardedLanguage.parse(write(parsed.ast, { reads, bound: [], depth: 1 }));
    const types = run.check();
    if (!types.valid) return unreadable(types.error);
    const { paths, guards, keys, roots } = reads;
    return { ok: true, run, paths: [...paths], guards: [...guards], keys: [...keys], roots };
  } catch (error) {
    return error instanceof Refused ? error.refusal : unreadable(error);
  }
}

/** The tree of an expression. Throws where it cannot be read. */
export const treeOf = (text: string): ASTNode => language.parse(text).ast;

/** Dotted paths that a part of an expression reads; none of the names that loops around it give. */
export function readsOf(tree: ASTNode): readonly string[] {
  const reads: Reads = { paths: new Set(), guards: new Set(), keys: new Set(), roots: new Set() };
  write(tree, { reads, bound: [], depth: 1 });
  return [...reads.paths];
}

const USE_CEL =
  'Write it in the Common Expression Language, for example: inquiry.intent == "booking" && confidence.inquiry >= 0.7';

function unreadable(error: unknown): Refusal {
  const [reason = ""] = messageOf(error).split("\n", 1);
  if (reason.includes("maxDepth")) return tooDeep().refusal;
  return refusal(
    `The expression cannot be read: ${reason}`,
    reason.includes("=") && !reason.includes("==") ? `Compare with ==. ${USE_CEL}` : USE_CEL,
  );
}

function tooDeep(): Refused {
  return new Refused(
    `The expression is nested deeper than ${MAX_CONDITION_DEPTH} levels`,
    "Split it over several steps, or test a value against a list with `in`.",
  );
}

interface Reads {
  readonly paths: Set<string>;
  readonly guards: Set<string>;
  readonly keys: Set<string>;
  readonly roots: Set<string>;
}

interface Place {
  readonly reads: Reads;
  /** Loop variables in scope. */
  readonly bound: readonly string[];
  readonly depth: number;
}

/**
 * Writes a node back as text with the guards in place (loops and `in` count what they look at; `has` looks at each part of its
 * path), and notes what it reads. Written from the tree, as positions in the author's text leave brackets out.
 */
function write(node: ASTNode, outer: Place): string {
  const here = { ...outer, depth: outer.depth + 1 };
  if (here.depth > MAX_CONDITION_DEPTH + 1) throw tooDeep();
  switch (node.op) {
    case "value":
      return literal(node);
    case "id":
    case ".":
    case "[]":
      noteRead(node, outer);
      return writeAccess(node, here);
    case "call":
      return writeCall(node.args[0], node.args[1], here);
    case "rcall":
      return writeMethod(node.args[0], node.args[1], node.args[2], here);
    case "list":
      return `[${node.args.map((item) => write(item, here)).join(",")}]`;
    case "map":
      for (const [key] of node.args) noteKey(key, here);
      return `built([${node.args.map(([key, value]) => `[${write(key, here)},${write(value, here)}]`).join(",")}])`;
    case "?:": {
      const [condition, yes, no] = node.args;
      return `(${write(condition, here)}?${write(yes, here)}:${write(no, here)})`;
    }
    case "!_":
    case "-_":
      return `${node.op[0]}(${write(node.args, here)})`;
    case "in":
      return `(${write(node.args[0], here)} in counted(${write(node.args[1], here)}))`;
    case ".?":
    case "[?]":
      throw new Refused("Optional fields are not part of conditions", "Guard the field with has().");
    case "||":
    case "&&":
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return `(${write(node.args[0], here)}${node.op}${write(node.args[1], here)})`;
  }
}

function literal(node: ASTNode): string {
  return node.input.slice(node.range.start, node.range.end);
}

/** Like `write`, but for the parts of an access whose whole has been noted already. */
function writeAccess(node: ASTNode, here: Place): string {
  if (here.depth > MAX_CONDITION_DEPTH + 1) throw tooDeep();
  const inner = { ...here, depth: here.depth + 1 };
  if (node.op === "id") return node.args;
  if (node.op === ".") return `${writeAccess(node.args[0], inner)}.${node.args[1]}`;
  if (node.op === "[]") return `${writeAccess(node.args[0], inner)}[${write(node.args[1], inner)}]`;
  return `(${write(node, here)})`;
}

function writeCall(name: string, args: readonly ASTNode[], here: Place): string {
  refuseUnbounded(name);
  if (name === "counted" || name === "built")
    throw new Refused(`The expression cannot be read: ${name}() is unknown`, USE_CEL);
  const [only] = args;
  if (name === "has" && (only?.op === "." || only?.op === "id")) return writeHas(only, here);
  if (name === "timestamp" && only !== undefined && !isFixedInstant(only)) {
    throw new Refused(
      "timestamp() needs a fixed text with its time zone, or int() of a number of seconds",
      'Write timestamp("2026-01-31T00:00:00Z"); dates of the context compare as texts with < and >.',
    );
  }
  return `${name}(${args.map((arg) => write(arg, here)).join(",")})`;
}

/** A text without zone would be read in the zone of the machine. */
function isFixedInstant(node: ASTNode): boolean {
  if (node.op === "call") return node.args[0] === "int";
  if (node.op !== "value") return false;
  return (
    typeof node.args === "bigint" || (typeof node.args === "string" && /(?:Z|[+-]\d\d:\d\d)$/.test(node.args))
  );
}

/** What the values that an expression reads stand under, so that one can ask whether a section is there at all. */
export const SCOPE = "spine_scope";

/** Asks for each part in turn, so that a missing section answers false like a missing field does. */
function writeHas(field: ASTNode, here: Place): string {
  noteRead(field, here);
  const names: string[] = [];
  let node = field;
  while (node.op === ".") {
    names.unshift(node.args[1]);
    node = node.args[0];
  }
  let asked = writeAccess(node, here);
  const parts: string[] = [];
  if (node.op === "id" && !here.bound.includes(node.args)) {
    asked = `${SCOPE}.${node.args}`;
    parts.push(`has(${asked})`);
    here.reads.guards.add([node.args, ...names].join("."));
  }
  for (const name of names) {
    asked = `${asked}.${name}`;
    parts.push(`has(${asked})`);
  }
  return parts.length === 0 ? "true" : `(${parts.join("&&")})`;
}

function writeMethod(name: string, receiver: ASTNode, args: readonly ASTNode[], here: Place): string {
  refuseUnbounded(name);
  if (name.startsWith("get") && args.length > 0) {
    throw new Refused(`${name}() with a time zone is not part of conditions`, TIME_ZONE);
  }
  const on = write(receiver, here);
  const [variable, ...rest] = args;
  if (!LOOPS.has(name) || variable?.op !== "id") {
    return `${grouped(receiver, on)}.${name}(${args.map((arg) => write(arg, here)).join(",")})`;
  }
  const inside = { ...here, bound: [...here.bound, variable.args] };
  return `counted(${on}).${name}(${[variable.args, ...rest.map((arg) => write(arg, inside))].join(",")})`;
}

/** `-(1).f()` and `1.f()` would be read differently from what the tree says. */
function grouped(node: ASTNode, text: string): string {
  return node.op === "value" || node.op === "!_" || node.op === "-_" ? `(${text})` : text;
}

function refuseUnbounded(name: string): void {
  const repair = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (repair !== undefined) throw new Refused(`${name}() is not part of conditions`, repair);
}

/** Notes the longest dotted path that is fixed in the text; what stands after a computed key is not known. */
function noteRead(node: ASTNode, { reads, bound }: Place): void {
  const keys: string[] = [];
  let at = node;
  while (at.op === "." || at.op === "[]") {
    const key = at.op === "." ? at.args[1] : textOf(at.args[1]);
    if (key === undefined) keys.length = 0;
    else keys.unshift(key);
    at = at.args[0];
  }
  if (at.op !== "id" || bound.includes(at.args)) return;
  const name = at.args;
  if (name === SCOPE) throw new Refused(`"${name}" is no section`, "Read sections by their names.");
  if (language.hasVariable(name)) {
    if (at === node) return;
    throw new Refused(
      `"${name}" is a word of the expression language and cannot be read as a section`,
      "Give the section another name.",
    );
  }
  reads.roots.add(name);
  reads.paths.add([name, ...keys].join("."));
}

/** Notes a key that is read from the scope, by its dotted path. */
function noteKey(key: ASTNode, { reads, bound }: Place): void {
  const names: string[] = [];
  let at = key;
  for (; at.op === "."; at = at.args[0]) names.unshift(at.args[1]);
  if (at.op === "id" && !bound.includes(at.args)) reads.keys.add([at.args, ...names].join("."));
}

function textOf(key: ASTNode): string | undefined {
  return key.op === "value" && typeof key.args === "string" && !key.args.includes(".") ? key.args : undefined;
}
