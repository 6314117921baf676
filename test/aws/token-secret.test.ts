import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readTokenSecret } from "#aws/token-secret.ts";
import { mockedClient } from "./aws-mock.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens-AbCdEf";
const secrets = mockedClient(SecretsManagerClient);
beforeEach(() => secrets.reset());
afterAll(() => secrets.restore());

describe("the secret of tokens", () => {
  it("is asked for by its ARN", async () => {
    secrets.on(GetSecretValueCommand, { SecretId: ARN }, true).resolves({ SecretString: "s3cret" });
    expect(await readTokenSecret(ARN)).toBe("s3cret");
  });

  it("must be a text", async () => {
    secrets.on(GetSecretValueCommand).resolves({});
    await expect(readTokenSecret(ARN)).rejects.toThrow("no text value");
  });
});
