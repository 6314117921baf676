import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageOf } from "#core/errors.ts";

describe("the message of a thrown value", () => {
  it("does not quote a text that is not JSON", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{6,30}$/),
        fc.constantFrom("", '{"email": "', '{"email": ', "["),
        (secret, before) => {
          try {
            JSON.parse(before + secret);
            expect.unreachable("It is JSON.");
          } catch (error) {
            expect(messageOf(error)).toBe("The text is not valid JSON.");
          }
        },
      ),
    );
  });

  it.each([
    [new Error("It broke."), "It broke."],
    [new SyntaxError("Unexpected end of input"), "Unexpected end of input"],
    ["words", "words"],
    [{ message: "of another realm" }, "of another realm"],
  ])("is the thrown message otherwise: %j", (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
