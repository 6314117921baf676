import { expect, it } from "vitest";
import { MAX_DELAY_SECONDS } from "#aws/service-limits.ts";
import { FUNCTION_TIMEOUT_MS, INPUTS_HIDDEN_MS } from "#core/times.ts";
import { RETURNS } from "#core/returns.ts";
import { MAX_DELAY_MS } from "#memory/queue/queue-config.ts";

it("adapters and the model of the queues know the same longest delay, each by itself", () => {
  expect(MAX_DELAY_SECONDS * 1_000).toBe(MAX_DELAY_MS);
});

it("a function dies before its message shows again, and gives it back for less than it would be hidden", () => {
  expect(FUNCTION_TIMEOUT_MS.coordinator).toBeLessThan(INPUTS_HIDDEN_MS);
  expect(RETURNS.inputs.longestSeconds * 1_000).toBeLessThan(INPUTS_HIDDEN_MS);
});
