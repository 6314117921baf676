import { expect, it } from "vitest";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createVersionedTokens } from "#node/versioned-tokens.ts";
import { describeTokens } from "../tokens.ts";

describeTokens("HMAC", (secret) => createHmacTokens(`${secret}`.repeat(32)));
describeTokens("HMAC of a version", (secret) => {
  const version = { id: "0f9a6b1c-0000-4000-8000-000000000001", secret: `${secret}`.repeat(32) };
  const secrets = {
    current: () => Promise.resolve(version),
    previous: () => Promise.resolve(undefined),
    version: (id: string) => Promise.resolve(id === version.id ? version : undefined),
  };
  return createVersionedTokens(secrets, { now: () => 0 });
});

it("rejects a secret of less than 32 bytes", () => {
  expect(() => createHmacTokens("x".repeat(31))).toThrow("31 bytes");
  expect(() => createHmacTokens("€".repeat(11))).not.toThrow();
});
