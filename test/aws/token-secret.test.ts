import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeEach, describe, expect, it } from "vitest";
import { createTokenSecret } from "#aws/secrets/create-token-secret.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens-AbCdEf";
const mocked = mockedClient(SecretsManagerClient);
const secret = createTokenSecret(new SecretsManagerClient({ region: "eu-west-1" }), ARN);
beforeEach(() => mocked.reset());

describe("the token secret", () => {
  it("is read by its ARN, and a version by its stage or its id", async () => {
    mocked.on(GetSecretValueCommand).resolves({ SecretString: "s3cret", VersionId: "v1" });
    const found = { id: "v1", secret: "s3cret" };
    expect([await secret.current(), await secret.previous(), await secret.version("v1")]).toEqual([
      found,
      found,
      found,
    ]);
    expect(inputsOf(mocked)).toEqual([
      { SecretId: ARN },
      { SecretId: ARN, VersionStage: "AWSPREVIOUS" },
      { SecretId: ARN, VersionId: "v1" },
    ]);
  });

  it("may lack a version, but not its current one", async () => {
    mocked.on(GetSecretValueCommand).rejects(awsError("ResourceNotFoundException"));
    expect(await secret.previous()).toBeUndefined();
    expect(await secret.version("v1")).toBeUndefined();
    await expect(secret.current()).rejects.toThrow();
  });

  it.each(["ThrottlingException", "InternalServiceError", "AccessDeniedException", "TimeoutError"])(
    "that cannot be read because of a %s is read again",
    async (name) => {
      mocked.on(GetSecretValueCommand).rejects(awsError(name));
      for (const reading of [secret.current(), secret.previous(), secret.version("v1")])
        await expect(reading).rejects.toMatchObject({ code: "secret.unavailable", retryable: true });
    },
  );

  it("must be a text", async () => {
    mocked.on(GetSecretValueCommand).resolves({ VersionId: "v1" });
    await expect(secret.current()).rejects.toThrow("no text value");
  });
});
