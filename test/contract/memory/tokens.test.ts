import { expect, it } from "vitest";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { describeTokens } from "../tokens.ts";

describeTokens("HMAC", (secret) => createHmacTokens(`${secret}`.repeat(32)));

it("refuses a secret of less than 32 bytes", () => {
  expect(() => createHmacTokens("x".repeat(31))).toThrow("31 bytes");
  expect(() => createHmacTokens("€".repeat(11))).not.toThrow();
});
