import { describe, expect, it } from "vitest";
import { isSpineError } from "#core/errors.ts";
import { parseSessionKey, parseTaskId, type AttemptRef } from "#core/ids.ts";
import type { Tokens } from "#ports/secrets.ts";

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

    it("issues a token that proves its attempt, also to another holder of the secret", async () => {
      const token = await tokens.issue(attempt);
      expect(await tokens.verify(attempt, token)).toBe(true);
      expect(await makeTokens(1).verify(attempt, token)).toBe(true);
      expect(await makeTokens(1).issue(attempt)).toBe(token);
    });

    it("rejects the token under another secret", async () => {
      expect(await makeTokens(2).verify(attempt, await tokens.issue(attempt))).toBe(false);
    });

    it("rejects the token for any other attempt, also one whose concatenated parts are equal", async () => {
      const token = await tokens.issue(attempt);
      const others = [
        attemptOf("tenant2", "session", "task", 1),
        attemptOf("tenant", "session2", "task", 1),
        attemptOf("tenant", "session", "task2", 1),
        attemptOf("tenant", "session", "task", 2),
        attemptOf("session", "tenant", "task", 1),
      ];
      for (const other of others) expect(await tokens.verify(other, token)).toBe(false);
      const joined = await Promise.all(
        [
          attemptOf("a", "b:c", "d", 1),
          attemptOf("a:b", "c", "d", 1),
          attemptOf("a", "b", "c:d", 1),
          attemptOf("ab", "c", "d", 1),
          attemptOf("a", "bc", "d", 1),
          attemptOf("a", "b", "c", 11),
          attemptOf("a", "b", "c1", 1),
        ].map(async (one) => tokens.issue(one)),
      );
      expect(new Set(joined).size).toBe(joined.length);
    });

    it("rejects a token with any one character changed, or cannot tell", async () => {
      const token = await tokens.issue(attempt);
      for (let at = 0; at < token.length; at += 1) {
        const other = token.charAt(at) === "A" ? "B" : "A";
        expect(await judged(tokens, attempt, token.slice(0, at) + other + token.slice(at + 1))).not.toBe(
          true,
        );
      }
    });

    it("rejects a text that is not a token", async () => {
      const token = await tokens.issue(attempt);
      const odd = [
        "",
        "x",
        `${token}A`,
        ` ${token}`,
        `${token}\n`,
        `${token}=`,
        "€".repeat(token.length),
        "é".repeat(token.length),
        "\u0000".repeat(token.length),
      ];
      for (const text of odd) expect(await tokens.verify(attempt, text)).toBe(false);
      for (const text of [token.slice(1), token.toUpperCase()])
        expect(await judged(tokens, attempt, text)).not.toBe(true);
    });
  });
}

/** The verdict; undefined where there can be none at the moment. */
async function judged(tokens: Tokens, attempt: AttemptRef, token: string): Promise<boolean | undefined> {
  try {
    return await tokens.verify(attempt, token);
  } catch (error) {
    if (isSpineError(error, "secret.unavailable")) return undefined;
    throw error;
  }
}
