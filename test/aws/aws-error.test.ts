import { describe, expect, it } from "vitest";
import { reaching } from "#aws/aws-error.ts";
import { SpineError } from "#core/errors.ts";
import { awsError } from "./aws-mock.ts";

const failing = (error: unknown) => reaching("The log cannot be read", () => Promise.reject(error as Error));

describe("a call of AWS", () => {
  it("gives what it was answered", async () => {
    expect(await reaching("The log cannot be read", () => Promise.resolve(7))).toBe(7);
  });

  it.each(["ThrottlingException", "AccessDeniedException", "TimeoutError", "InternalServerError"])(
    "that fails with a %s may be tried again, and says what failed",
    async (name) => {
      const error = await failing(awsError(name)).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "log.unavailable", retryable: true, cause: { name } });
      expect((error as Error).message).toMatch(new RegExp(`^The log cannot be read: ${name}: `));
    },
  );

  it("says in whose words it failed where it is not the log", async () => {
    const door = reaching("The door cannot be invoked", () => Promise.reject(awsError("TooManyRequests")), {
      code: "internal",
    });
    await expect(door).rejects.toMatchObject({ code: "internal", retryable: true });
  });

  it("takes an error by its name for an answer, also where that is nothing", async () => {
    const get = (name: string) =>
      reaching<string | undefined>("Nothing read", () => Promise.reject(awsError(name)), {
        answers: { NoSuchKey: undefined },
      });
    expect(await get("NoSuchKey")).toBeUndefined();
    await expect(get("constructor")).rejects.toMatchObject({ code: "log.unavailable" });
  });

  it("throws a spine error as it is: it is wrapped once", async () => {
    const corrupt = new SpineError("log.corrupt", "A commit cannot be read.");
    await expect(failing(corrupt)).rejects.toBe(corrupt);
  });

  it("survives what is no error", async () => {
    await expect(failing("gone")).rejects.toMatchObject({ message: "The log cannot be read: Error: gone" });
  });
});
