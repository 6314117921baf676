/** Limits of AWS that are checked at synthesis, with repairs. */

/** Lambda counts names and values of all variables together. */
export const MAX_ENVIRONMENT_BYTES = 4_096;
/** Lambda's longest run. */
export const MAX_FUNCTION_SECONDS = 900;
/** SQS hides a message no longer than this. */
export const MAX_VISIBILITY_SECONDS = 43_200;
/** CloudFormation's resources in one stack. */
export const MAX_STACK_RESOURCES = 500;
/** What an intrinsic (an ARN, a generated name) comes to when it is resolved, at most. */
const INTRINSIC_BYTES = 256;

const MAX_NAME = { queue: 80, function: 64, bus: 256, rule: 64, alarm: 255, topic: 256 } as const;
const NAME_REPAIR = "Use a shorter prefix or a shorter name.";

/** Returns the name, or throws if AWS would reject it. */
export function checkName(kind: keyof typeof MAX_NAME, name: string): string {
  const most = MAX_NAME[kind];
  if (name.length <= most) return name;
  throw new Error(
    `The ${kind} name "${name}" has ${name.length} characters; AWS allows ${most}. ${NAME_REPAIR}`,
  );
}

// The names that grants are written for contain a part that varies: `{prefix}-agent-*` must match one spine's queues only.
const PREFIX = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const TAKEN_IN_PREFIX = ["agent", "sub"];

/** Returns the prefix, or throws if names with it would be rejected or could belong to another spine. */
export function checkPrefix(prefix: string): string {
  if (!PREFIX.test(prefix)) {
    throw new Error(
      `The prefix "${prefix}" does not match ${PREFIX.source}. Use lower-case letters, digits and single dashes, starting with a letter.`,
    );
  }
  const taken = prefix.split("-").find((part) => TAKEN_IN_PREFIX.includes(part));
  if (taken === undefined) return prefix;
  throw new Error(
    `The prefix "${prefix}" contains the part "${taken}", so its queue names could collide with those of another spine. Remove that part.`,
  );
}

const TAKEN_ENDINGS = ["-express", "-dead"];

/** Returns an agent's or a subscription's name, or throws if its queue could collide with another's lane or dead-letter queue. */
export function checkPart(what: "agent" | "group" | "subscription", name: string): string {
  if (!/^[a-z][a-z0-9_-]{0,31}$/.test(name)) {
    throw new Error(
      `The ${what} name "${name}" is invalid. Use 1 to 32 lower-case letters, digits, - and _, starting with a letter.`,
    );
  }
  const ending = TAKEN_ENDINGS.find((end) => name.endsWith(end));
  if (ending === undefined) return name;
  throw new Error(`The ${what} name "${name}" ends in "${ending}", like the spine's own queues. Rename it.`);
}

/** The problems of a function's environment, once it is resolved; empty if there are none. */
export function environmentProblems(name: string, variables: Readonly<Record<string, unknown>>): string[] {
  const sizes = Object.entries(variables).map(([key, value]) => ({ key, bytes: key.length + sizeOf(value) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= MAX_ENVIRONMENT_BYTES) return [];
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0]?.key;
  return [
    `The environment of ${name} has about ${total} bytes; Lambda allows ${MAX_ENVIRONMENT_BYTES}. Shorten ${largest}, or keep it in a parameter that the function reads.`,
  ];
}

/** A text counts as it is; an intrinsic by its literal parts, and for each reference in it what that may come to. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (!isJoin(value)) return INTRINSIC_BYTES;
  return value["Fn::Join"][1].reduce<number>(
    (sum, part) => sum + (typeof part === "string" ? Buffer.byteLength(part) : INTRINSIC_BYTES / 4),
    0,
  );
}

function isJoin(value: unknown): value is { readonly "Fn::Join": readonly [string, readonly unknown[]] } {
  return typeof value === "object" && value !== null && "Fn::Join" in value;
}

/** The problem of a stack's number of resources; empty if there is none. */
export function resourceProblems(stack: string, count: number): string[] {
  if (count <= MAX_STACK_RESOURCES) return [];
  return [
    `Stack ${stack} has ${count} resources; CloudFormation allows ${MAX_STACK_RESOURCES}. Move agents to a stack of their own with EventSpine.fromName.`,
  ];
}
