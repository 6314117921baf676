import { AssertionError } from "node:assert/strict";
import { SESSION_CHECKS, type Finding } from "./session-checks.ts";
import { toldSession, type SessionSource, type ToldSession } from "./told-session.ts";

type Checks = typeof SESSION_CHECKS;
type ArgumentsOf<Check> = Check extends (
  session: ToldSession,
  ...given: infer Given extends readonly unknown[]
) => Finding
  ? Given
  : never;

/** What test runners add to `expect` with `sessionMatchers`; docs/testing.md shows how their types learn of it. */
export type SessionMatchers<R = void> = {
  readonly [Name in keyof Checks]: (...given: ArgumentsOf<Checks[Name]>) => R;
};

/** Expectations of a session. Each throws an `AssertionError` with the session's timeline, or gives itself back. */
export interface SessionExpectation extends SessionMatchers<SessionExpectation> {
  /** The same, turned around. */
  readonly not: SessionMatchers<SessionExpectation>;
}

const NAMES = Object.keys(SESSION_CHECKS) as readonly (keyof Checks)[];

/**
 * Looks at a session: one that `readSession` read, or that of a `World`. Needs no test runner.
 *
 * @example
 * const checked = await readSession(spine, "s1");
 * expectSession(checked).toHaveReplied({ text: "Hello Ada" }).toHaveCalled("greeter", 3).not.toHaveFailed();
 */
export function expectSession(source: SessionSource): SessionExpectation {
  const session = toldSession(source);
  const matchers = (isWanted: boolean): SessionMatchers<SessionExpectation> => {
    const check = (name: keyof Checks) =>
      function matcher(...given: readonly unknown[]): SessionExpectation {
        const finding = findingOf(name, session, given);
        if (finding.holds === isWanted) return expectation;
        throw new AssertionError({
          message: messageOf(session, finding, isWanted),
          operator: name,
          stackStartFn: matcher,
        });
      };
    // Each name has a matcher with the arguments of its check.
    return Object.fromEntries(
      NAMES.map((name) => [name, check(name)]),
    ) as unknown as SessionMatchers<SessionExpectation>;
  };
  const expectation: SessionExpectation = { ...matchers(true), not: matchers(false) };
  return expectation;
}

/** What a matcher of Jest or Vitest gives. */
interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

type Matcher = (received: SessionSource, ...given: readonly unknown[]) => MatcherResult;

/**
 * The same expectations for `expect.extend` of Vitest or Jest: `expect(await readSession(spine, "s1")).toHaveReplied()`.
 *
 * @example
 * const { pass } = sessionMatchers.toHaveReplied(await readSession(spine, "s1"));
 */
export const sessionMatchers: Readonly<Record<keyof Checks, Matcher>> = Object.fromEntries(
  NAMES.map((name) => [
    name,
    (received: SessionSource, ...given: readonly unknown[]): MatcherResult => {
      const session = toldSession(received);
      const finding = findingOf(name, session, given);
      return { pass: finding.holds, message: () => messageOf(session, finding, !finding.holds) };
    },
  ]),
) as unknown as Readonly<Record<keyof Checks, Matcher>>; // Of all the names.

function findingOf(name: keyof Checks, session: ToldSession, given: readonly unknown[]): Finding {
  // The matchers' types are those of the checks.
  const check = SESSION_CHECKS[name] as (session: ToldSession, ...given: readonly unknown[]) => Finding;
  return check(session, ...given);
}

function messageOf(
  { session, timeline }: ToldSession,
  { expected, found }: Finding,
  isWanted: boolean,
): string {
  const told = timeline === "" ? "It has received no events." : timeline;
  return `Expected session ${session} ${isWanted ? "to" : "not to"} ${expected}: ${found}.\n\n${told}\n`;
}
