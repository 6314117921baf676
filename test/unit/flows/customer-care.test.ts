import { expect, it } from "vitest";
import { lintFlows } from "#core/flow/lint.ts";
import { customerCareApplication, messageReceived } from "#flows/customer-care.ts";

it("gives the linter nothing to say about the customer-care flow", () => {
  expect(lintFlows(customerCareApplication.flows, customerCareApplication.agents)).toEqual([]);
});

it.each([[{}], [{ text: "" }], [{ text: "Hello", colour: "red" }], [{ text: "Hello", receivedAt: "noon" }]])(
  "does not take %j as a message",
  (data) => {
    expect(messageReceived.safeParse(data).success).toBe(false);
  },
);
