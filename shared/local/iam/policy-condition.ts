import { matchesArn, matchesPattern, requireLiteral } from "./pattern.ts";

/** What a request says about itself, several values where it names several; a key that it does not have is absent. */
export type RequestContext = Readonly<Partial<Record<ContextKey, string | readonly string[]>>>;

/** The keys that local requests carry. A policy that asks for another one cannot be judged, so it is refused. */
export const CONTEXT_KEYS = [
  "aws:PrincipalAccount",
  "aws:PrincipalArn",
  "aws:ResourceAccount",
  "aws:SecureTransport",
  "aws:SourceAccount",
  "aws:SourceArn",
  "dynamodb:LeadingKeys",
  "events:detail-type",
  "events:source",
  "lambda:FunctionUrlAuthType",
  "lambda:InvokedViaFunctionUrl",
  "s3:prefix",
] as const;
/** A tag of the resource, by its name. */
const RESOURCE_TAG = /^aws:ResourceTag\/./i;
export type ContextKey = (typeof CONTEXT_KEYS)[number] | `aws:ResourceTag/${string}`;

type Operator = (pattern: string, value: string) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (pattern, value) => pattern === value,
  StringEqualsIgnoreCase: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  StringLike: matchesPattern,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
};
const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

const SET_OPERATOR = /^(ForAllValues|ForAnyValue):/;

/** Answers whether a request meets every test of a statement's Condition. */
export type Condition = (context: RequestContext) => boolean;

export function parseCondition(condition: unknown, owner: string): Condition {
  if (condition === undefined) return () => true;
  const tests = Object.entries(record(condition, owner)).flatMap(([operator, keys]) =>
    Object.entries(record(keys, owner)).map(([key, values]) => parseTest(operator, key, values, owner)),
  );
  return (context) => tests.every((test) => test(context));
}

function parseTest(operator: string, key: string, values: unknown, owner: string): Condition {
  const name = keyNamed(key);
  if (name === undefined) throw new Error(`${owner}: the condition key ${key} is not supported here.`);
  const patterns = texts(values, owner);
  if (operator === "Null") {
    const absent = patterns[0] === "true";
    return (context) => (context[name] === undefined) === absent;
  }
  const [prefix = "", set] = SET_OPERATOR.exec(operator) ?? [];
  const plain = operator.slice(prefix.length);
  const optional = plain.endsWith("IfExists");
  const base = optional ? plain.slice(0, -"IfExists".length) : plain;
  const positive = OPERATORS[NEGATIONS[base] ?? base];
  if (positive === undefined)
    throw new Error(`${owner}: the condition operator ${operator} is not evaluated here.`);
  const negated = NEGATIONS[base] !== undefined;
  const holds = (value: string) => patterns.some((pattern) => positive(pattern, value)) !== negated;
  return (context) => {
    const given = context[name];
    const several = given === undefined ? [] : typeof given === "string" ? [given] : given;
    // AWS: of none all are as the test wants them, and not one is.
    if (set === "ForAllValues") return several.every(holds);
    if (set === "ForAnyValue") return several.some(holds) || (optional && several.length === 0);
    const [value, ...more] = several;
    if (more.length > 0)
      throw new Error(`${owner}: ${operator} compares ${name} with one value, but a request names several.`);
    // AWS: a negated test holds for an absent key, any other fails, unless it ends in IfExists.
    return value === undefined ? optional || negated : holds(value);
  };
}

function keyNamed(key: string): ContextKey | undefined {
  if (RESOURCE_TAG.test(key)) return `aws:ResourceTag/${key.slice(key.indexOf("/") + 1)}`;
  return CONTEXT_KEYS.find((known) => known.toLowerCase() === key.toLowerCase());
}

function record(value: unknown, owner: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`${owner}: Condition holds ${JSON.stringify(value)}.`);
}

function texts(value: unknown, owner: string): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((item) => {
    const text = typeof item === "boolean" ? String(item) : item;
    if (typeof text !== "string")
      throw new Error(`${owner}: a condition compares with ${JSON.stringify(item)}.`);
    requireLiteral(text, owner);
    return text;
  });
}
