import { only, parseLeaf, PatternError, type LeafTest } from "./leaf-matchers.ts";

/** Answers whether an event matches. */
export type EventTest = (event: unknown) => boolean;

/**
 * Reads an event pattern of EventBridge or of a Lambda mapping's filter: every field must match, by any alternative of
 * its list. In an array of the event one element is enough, and fields of one nested pattern must meet in one element.
 * What EventBridge would refuse, an unknown operator for one, is a PatternError.
 */
export function parsePattern(pattern: unknown, path = "$"): EventTest {
  if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern)) {
    throw new PatternError(`${path}: a pattern is an object; lists hold the alternatives of a field.`);
  }
  const entries = Object.entries(pattern) as readonly (readonly [string, unknown])[]; // the values are looked at one by one
  if (entries.length === 0) throw new PatternError(`${path}: the pattern is empty.`);
  const tests = entries.map(([field, rules]) => parseField(field, rules, `${path}.${field}`));
  return (event) => tests.every((test) => test(event));
}

function parseField(field: string, rules: unknown, path: string): EventTest {
  if (field === "$or" && Array.isArray(rules)) return parseOr(rules, path);
  if (!Array.isArray(rules)) {
    const nested = parsePattern(rules, path);
    return (event) => {
      const value = fieldOf(event, field);
      return Array.isArray(value) ? value.some(nested) : isRecord(value) && nested(value);
    };
  }
  if (rules.length === 0) throw new PatternError(`${path}: the list of alternatives is empty.`);
  const tests = (rules as readonly unknown[]).map((rule) => parseRule(rule, path));
  return (event) => {
    const value = fieldOf(event, field);
    return tests.some((test) => test(value));
  };
}

function parseOr(alternatives: readonly unknown[], path: string): EventTest {
  if (alternatives.length < 2) throw new PatternError(`${path}: $or needs two patterns at least.`);
  const tests = alternatives.map((alternative, at) => parsePattern(alternative, `${path}[${at}]`));
  return (event) => tests.some((test) => test(event));
}

/** A test of a field's value, which may be missing or an array. */
function parseRule(rule: unknown, path: string): LeafTest {
  if (isRecord(rule) && "exists" in rule) {
    const [, wanted] = only(rule, path);
    if (typeof wanted !== "boolean") throw new PatternError(`${path}: exists is true or false.`);
    return (value) => hasLeaf(value) === wanted;
  }
  const test = parseLeaf(rule, path);
  const matches = (value: unknown): boolean =>
    Array.isArray(value) ? value.some(matches) : value !== undefined && !isRecord(value) && test(value);
  return matches;
}

/** `exists` knows leaves only: an object or an empty array is none. */
function hasLeaf(value: unknown): boolean {
  return Array.isArray(value) ? value.some(hasLeaf) : value !== undefined && !isRecord(value);
}

function fieldOf(event: unknown, field: string): unknown {
  return isRecord(event) && Object.hasOwn(event, field) ? event[field] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
