import { expect, it } from "vitest";
import { MAX_DELAY_SECONDS } from "#aws/service-limits.ts";
import { FUNCTION_TIMEOUT_MS, INPUTS_HIDDEN_MS } from "#core/times.ts";
import { RETURNS } from "#core/returns.ts";
import { MAX_DELAY_MS } from "#memory/queue/queue-config.ts";

it("adapters and the queue model agree independently on the longest delay", () => {
  expect(MAX_DELAY_SECONDS * 1_000).toBe(MAX_DELAY_MS);
});

it("a function times out before its message becomes visible again, and returns it for less than the visibility timeout", () => {
  expect(FUNCTION_TIMEOUT_MS.coordinator).toBeLessThan(INPUTS_HIDDEN_MS);
  expect(RETURNS.inputs.longestSeconds * 1_000).toBeLessThan(INPUTS_HIDDEN_MS);
});
