import { describe, expect, it } from "vitest";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import {
  Env,
  readCommitForm,
  readEnv,
  readListEnv,
  readOptionalEnv,
  readTenantInFlight,
  readVariable,
} from "#aws/config.ts";
import { fromEnvironment } from "#aws/environment-credentials.ts";
import { agentQueueSuffix, deadLetterName, queueName, subscriptionQueueSuffix } from "#aws/names.ts";
import { readTrace } from "#aws/observe/trace.ts";
import { TRACEPARENT } from "./samples.ts";

describe("the functions' environment", () => {
  it("is read by field, and every missing variable is named at once", () => {
    const environment = { [Env.table]: "log", [Env.bucket]: "" };
    expect(readEnv(["table"], environment)).toEqual({ table: "log" });
    expect(() => readEnv(["table", "bucket", "door"], environment)).toThrow("BUCKET_NAME, DOOR_FUNCTION");
    expect(() => readVariable("CALENDAR_TABLE", environment)).toThrow("CALENDAR_TABLE");
  });

  it("treats an empty optional variable as missing, and drops empty names from lists", () => {
    expect(readOptionalEnv("bedrockModel", { [Env.bedrockModel]: "" })).toBeUndefined();
    expect(readListEnv("subscriptions", {})).toEqual([]);
    expect(readListEnv("subscriptions", { [Env.subscriptions]: "crm, audit," })).toEqual(["crm", "audit"]);
  });

  it("sets the form of commits: the oldest, unless it names one that this version supports", () => {
    expect(readCommitForm({})).toBe(1);
    expect(readCommitForm({ COMMIT_FORM: "4" })).toBe(4);
    for (const form of ["0", "5", "1.5", "two"])
      expect(() => readCommitForm({ COMMIT_FORM: form })).toThrow(
        `COMMIT_FORM: unknown form "${form}". Use a whole number from 1 to 4.`,
      );
  });

  it("says how many tasks of a tenant a queue has in flight, or nothing of it", () => {
    expect(readTenantInFlight({})).toBeUndefined();
    expect(readTenantInFlight({ TENANT_IN_FLIGHT: "12" })).toBe(12);
  });

  it("returns credentials, read anew each time, or names the missing ones", async () => {
    const environment: Record<string, string> = {};
    const credentials = fromEnvironment(environment);
    await expect(credentials()).rejects.toThrow("AWS_ACCESS_KEY_ID");
    environment["AWS_ACCESS_KEY_ID"] = "a";
    environment["AWS_SECRET_ACCESS_KEY"] = "b";
    expect(await credentials()).toEqual({ accessKeyId: "a", secretAccessKey: "b" });
    environment["AWS_SESSION_TOKEN"] = "c";
    expect(await credentials()).toMatchObject({ sessionToken: "c" });
  });

  it("lets no call outlast the coordinator's timeout", () => {
    const { maxAttempts, requestHandler } = clientDefaults(QUICK);
    expect(maxAttempts * requestHandler.requestTimeout).toBeLessThan(5_000);
    expect(requestHandler.throwOnRequestTimeout).toBe(true);
  });
});

describe("names", () => {
  it("follow from prefix, agent and lane, within SQS's 80 characters", () => {
    const longest = "a".repeat(32);
    expect(queueName("spine", agentQueueSuffix("reply", "normal"))).toBe("spine-agent-reply.fifo");
    expect(queueName("spine", agentQueueSuffix("reply", "express"))).toBe("spine-agent-reply-express.fifo");
    expect(deadLetterName("spine-inbox.fifo")).toBe("spine-inbox-dead.fifo");
    expect(deadLetterName("spine-intake")).toBe("spine-intake-dead");
    expect(subscriptionQueueSuffix("crm")).toBe("sub-crm.fifo");
    expect(deadLetterName(queueName("spine", agentQueueSuffix(longest, "express"))).length).toBeLessThan(80);
  });
});

describe("a trace", () => {
  it("is used when well-formed and dropped otherwise: it must never fail a message", () => {
    expect(readTrace({ traceparent: TRACEPARENT, correlation: "c" })).toEqual({
      traceparent: TRACEPARENT,
      correlation: "c",
    });
    expect(readTrace({ traceparent: "00-nonsense", correlation: "c".repeat(257) })).toEqual({});
    expect(readTrace({ traceparent: 1, correlation: {} })).toEqual({});
  });
});
