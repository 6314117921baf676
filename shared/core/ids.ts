import { SpineError } from "./errors.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<"TenantId">;
export type SessionId = Branded<"SessionId">;
export type AgentName = Branded<"AgentName">;
export type FlowName = Branded<"FlowName">;
export type RunId = Branded<"RunId">;
export type TaskId = Branded<"TaskId">;

/** The unit of order. */
export interface SessionKey {
  readonly tenant: TenantId;
  readonly session: SessionId;
}

/** One attempt at one task of a session: what a token proves. */
export interface AttemptRef extends SessionKey {
  readonly task: TaskId;
  readonly attempt: number;
}

// An agent's name is part of queue names (at most 80 characters with the stack's prefix and ".fifo").
const NAME = /^[a-z][a-z0-9_-]{0,31}$/;
// A key must fit SQS's 128-character group id after hashing and read well in a URL before it.
const KEY = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

function parse<T extends string>(field: string, value: unknown, pattern: RegExp, repair: string): T {
  // The one place where a text becomes a branded id.
  if (typeof value === "string" && pattern.test(value)) return value as T;
  const problem = `${JSON.stringify(value)} does not match ${pattern.source}`;
  throw new SpineError("id.invalid", `${field}: ${problem}. ${repair}`, {
    problems: [{ field, problem, repair }],
  });
}

/** What a tenant or session may be named. */
export const KEY_REPAIR = "Use 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit.";
const NAME_REPAIR = "Use 1 to 32 lower-case letters, digits, - and _, starting with a letter.";

export const isTenantName = (value: string): boolean => KEY.test(value);
export const parseTenantId = (value: unknown): TenantId => parse("tenant", value, KEY, KEY_REPAIR);
export const parseSessionId = (value: unknown): SessionId => parse("session", value, KEY, KEY_REPAIR);
export const parseAgentName = (value: unknown, field = "agent"): AgentName =>
  parse(field, value, NAME, NAME_REPAIR);
export const parseFlowName = (value: unknown, field = "flow"): FlowName =>
  parse(field, value, NAME, NAME_REPAIR);
export const parseTaskId = (value: unknown): TaskId => parse("task", value, KEY, KEY_REPAIR);
export const parseRunId = (value: unknown): RunId => parse("run", value, KEY, KEY_REPAIR);

export function parseSessionKey(value: { readonly tenant: unknown; readonly session: unknown }): SessionKey {
  return { tenant: parseTenantId(value.tenant), session: parseSessionId(value.session) };
}

// Control characters, halves of characters, and the two that no message of SQS takes.
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** What keeps a text from naming anything: another program would store, show or compare it as another one. */
export const UNSPEAKABLE_PROBLEM = {
  problem: "has control characters or unpaired surrogates",
  repair: "Remove them: letters, digits, spaces and punctuation are allowed.",
} as const;

/** Whether a text that somebody gives as a name (an id, a source, a correlation) is the same wherever it goes. */
export const isSpeakable = (text: string): boolean => !UNSPEAKABLE.test(text);

/** One text for a session key; neither part can contain the separator. */
export function sessionKeyText(key: SessionKey): string {
  return `${key.tenant}/${key.session}`;
}
