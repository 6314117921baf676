import { describe, expect, it } from "vitest";
import { parseSessionKey, parseTaskId, type AttemptRef } from "#core/ids.ts";
import type { Tokens } from "#ports/tokens.ts";

const attemptOf = (tenant: string, session: string, task: string, attempt: number): AttemptRef => ({
  ...parseSessionKey({ tenant, session }),
  task: parseTaskId(task),
  attempt,
});

/** Holds an implementation of Tokens to the port's rules. `makeTokens` uses the same secret for the same number. */
export function describeTokens(name: string, makeTokens: (secret: number) => Tokens): void {
  describe(`tokens: ${name}`, () => {
    const attempt = attemptOf("tenant", "session", "task", 1);
    const tokens = makeTokens(1);
    const token = tokens.issue(attempt);

    it("issues a token that proves its attempt, also to another holder of the secret", () => {
      expect(tokens.verify(attempt, token)).toBe(true);
      expect(makeTokens(1).verify(attempt, token)).toBe(true);
      expect(makeTokens(1).issue(attempt)).toBe(token);
    });

    it("refuses the token under another secret", () => {
      expect(makeTokens(2).verify(attempt, token)).toBe(false);
    });

    it("refuses the token for any other attempt, also one whose parts join to the same text", () => {
      const others = [
        attemptOf("tenant2", "session", "task", 1),
        attemptOf("tenant", "session2", "task", 1),
        attemptOf("tenant", "session", "task2", 1),
        attemptOf("tenant", "session", "task", 2),
        attemptOf("session", "tenant", "task", 1),
      ];
      for (const other of others) expect(tokens.verify(other, token)).toBe(false);
      const joined = [
        attemptOf("a", "b:c", "d", 1),
        attemptOf("a:b", "c", "d", 1),
        attemptOf("a", "b", "c:d", 1),
        attemptOf("ab", "c", "d", 1),
        attemptOf("a", "bc", "d", 1),
        attemptOf("a", "b", "c", 11),
        attemptOf("a", "b", "c1", 1),
      ].map((one) => tokens.issue(one));
      expect(new Set(joined).size).toBe(joined.length);
    });

    it("refuses a token with any one character changed", () => {
      for (let at = 0; at < token.length; at += 1) {
        const other = token.charAt(at) === "A" ? "B" : "A";
        expect(tokens.verify(attempt, token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
      }
    });

    it("refuses what is no token at all", () => {
      const odd = [
        "",
        "x",
        `${token}A`,
        ` ${token}`,
        `${token}\n`,
        token.slice(1),
        `${token}=`,
        "€".repeat(token.length),
      ];
      for (const text of [
        ...odd,
        "é".repeat(token.length),
        token.toUpperCase(),
        "\u0000".repeat(token.length),
      ]) {
        expect(tokens.verify(attempt, text)).toBe(false);
      }
    });
  });
}
