import { BlockList, isIP } from "node:net";

/** Tests one value of an event: a text, number, boolean or null. */
export type LeafTest = (value: unknown) => boolean;

export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** Reads one alternative of a rule's list: a literal, or an object with one operator. `exists` is not for here. */
export function parseLeaf(rule: unknown, path: string): LeafTest {
  if (rule === null || ["string", "number", "boolean"].includes(typeof rule))
    return (value) => value === rule;
  const [operator, operand] = only(rule, path);
  switch (operator) {
    case "prefix":
    case "suffix":
      return parseAffix(operator, operand, path);
    case "equals-ignore-case": {
      const text = requireText(operand, path, operator).toLowerCase();
      return (value) => typeof value === "string" && value.toLowerCase() === text;
    }
    case "wildcard":
      return parseWildcard(operand, path);
    case "anything-but":
      return parseAnythingBut(operand, path);
    case "numeric":
      return parseNumeric(operand, path);
    case "cidr":
      return parseCidr(operand, path);
    default:
      throw new PatternError(`${path}: the operator "${operator}" is unknown.`);
  }
}

/** The operator and operand of an object that must have exactly one. */
export function only(rule: unknown, path: string): readonly [string, unknown] {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) {
    throw new PatternError(`${path}: ${JSON.stringify(rule)} is not a rule.`);
  }
  const [entry, ...more] = Object.entries(rule);
  if (entry === undefined || more.length > 0)
    throw new PatternError(`${path}: a rule has exactly one operator.`);
  return entry;
}

function parseAffix(operator: "prefix" | "suffix", operand: unknown, path: string): LeafTest {
  const starts = (value: string, text: string) =>
    operator === "prefix" ? value.startsWith(text) : value.endsWith(text);
  if (typeof operand === "string") return (value) => typeof value === "string" && starts(value, operand);
  const [inner, folded] = only(operand, path);
  if (inner !== "equals-ignore-case")
    throw new PatternError(`${path}: "${inner}" is unknown in ${operator}.`);
  const text = requireText(folded, path, operator).toLowerCase();
  return (value) => typeof value === "string" && starts(value.toLowerCase(), text);
}

function parseWildcard(operand: unknown, path: string): LeafTest {
  const pattern = requireText(operand, path, "wildcard");
  let source = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (character === "\\") {
      if (next !== "*" && next !== "\\")
        throw new PatternError(`${path}: only * and \\ can be escaped in a wildcard.`);
      source += `\\${next}`;
      at += 1;
    } else if (character === "*") {
      if (next === "*") throw new PatternError(`${path}: consecutive wildcards are not allowed.`);
      source += ".*";
    } else source += character.replace(/[.+?^${}()|[\]]/g, "\\$&");
  }
  const expression = new RegExp(`^${source}$`, "s");
  return (value) => typeof value === "string" && expression.test(value);
}

function parseAnythingBut(operand: unknown, path: string): LeafTest {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand)) {
    const excluded = listOf(operand);
    const allowed =
      excluded.every((item) => typeof item === "string") ||
      excluded.every((item) => typeof item === "number");
    if (excluded.length === 0 || !allowed) {
      throw new PatternError(`${path}: anything-but accepts texts or numbers, one or a list of one kind.`);
    }
    return (value) => !(excluded as readonly unknown[]).includes(value);
  }
  const [operator, texts] = only(operand, path);
  if (!["prefix", "suffix", "wildcard", "equals-ignore-case"].includes(operator)) {
    throw new PatternError(`${path}: the operator "${operator}" is unknown in anything-but.`);
  }
  const tests = listOf(texts).map((text) => parseLeaf({ [operator]: text }, path));
  if (tests.length === 0) throw new PatternError(`${path}: ${operator} in anything-but is empty.`);
  return (value) => !tests.some((test) => test(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "=": (value, limit) => value === limit,
};

function parseNumeric(operand: unknown, path: string): LeafTest {
  const parts = listOf(operand);
  if (parts.length !== 2 && parts.length !== 4) {
    throw new PatternError(`${path}: numeric accepts one comparison or the two ends of a range.`);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const compare = COMPARISONS[String(parts[at])];
    const limit = parts[at + 1];
    if (compare === undefined || typeof limit !== "number") {
      throw new PatternError(`${path}: ${JSON.stringify(parts)} is not a numeric comparison.`);
    }
    tests.push((value) => compare(value, limit));
  }
  const first = String(parts[0]);
  const second = String(parts[2] ?? "<");
  if (parts.length === 4 && (!first.startsWith(">") || !second.startsWith("<"))) {
    throw new PatternError(
      `${path}: a numeric range goes from its lower end (> or >=) to its upper (< or <=).`,
    );
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function parseCidr(operand: unknown, path: string): LeafTest {
  const [network = "", length = ""] = requireText(operand, path, "cidr").split("/");
  const kind = isIP(network);
  const bits = Number(length);
  if (kind === 0 || !/^\d+$/.test(length) || bits > (kind === 4 ? 32 : 128)) {
    throw new PatternError(`${path}: ${JSON.stringify(operand)} is not an address range.`);
  }
  const range = new BlockList();
  range.addSubnet(network, bits, kind === 4 ? "ipv4" : "ipv6");
  return (value) =>
    typeof value === "string" && isIP(value) === kind && range.check(value, kind === 4 ? "ipv4" : "ipv6");
}

function requireText(value: unknown, path: string, operator: string): string {
  if (typeof value === "string") return value;
  throw new PatternError(`${path}: ${operator} accepts a text.`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}
