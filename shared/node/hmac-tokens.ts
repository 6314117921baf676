import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { SpineError } from "#core/errors.ts";
import type { AttemptRef } from "#core/ids.ts";
import type { ReadyTokens } from "#ports/secrets.ts";

const LEAST_SECRET_BYTES = 32;
// 32 bytes of HMAC in base64url.
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

function keyOf(secret: string) {
  const bytes = Buffer.from(secret, "utf8");
  if (bytes.length < LEAST_SECRET_BYTES) {
    const problem = `The secret for tokens has ${bytes.length} bytes`;
    throw new SpineError(
      "internal",
      `${problem}; it needs at least ${LEAST_SECRET_BYTES}. Use a random one.`,
    );
  }
  return createSecretKey(bytes);
}

/** Digests by the same secret: no text of theirs is one of an attempt. */
export function createHmacDigest(secret: string): (text: string) => string {
  const key = keyOf(secret);
  return (text) =>
    createHmac("sha256", key)
      .update(JSON.stringify(["event-spine.digest", text]))
      .digest("base64url");
}

/** Tokens that are an HMAC-SHA-256 of the attempt: whoever has the secret can compute them again. */
export function createHmacTokens(secret: string): ReadyTokens {
  const key = keyOf(secret);
  const issue = (attempt: AttemptRef) =>
    createHmac("sha256", key).update(attemptText(attempt)).digest("base64url");
  return {
    issue,
    verify(attempt, token) {
      if (!TOKEN.test(token)) return false;
      return timingSafeEqual(Buffer.from(issue(attempt), "latin1"), Buffer.from(token, "latin1"));
    },
  };
}

/** A JSON list, so that no two attempts have the same text. */
function attemptText({ tenant, session, task, attempt }: AttemptRef): string {
  return JSON.stringify(["event-spine.attempt", tenant, session, task, attempt]);
}
