import { expect, it } from "vitest";
import { defineApplication } from "#core/flow/compile.ts";
import { customerCareApplication, messageReceived } from "#flows/customer-care.ts";
import { sha256Digest } from "#testing/given-when-then.ts";

it("the linter reports nothing for the customer-care flow", () => {
  expect(defineApplication(customerCareApplication, sha256Digest).warnings).toEqual([]);
});

it.each([[{}], [{ text: "" }], [{ text: "Hello", colour: "red" }], [{ text: "Hello", receivedAt: "noon" }]])(
  "rejects %j as a message",
  (data) => {
    expect(messageReceived.safeParse(data).success).toBe(false);
  },
);
