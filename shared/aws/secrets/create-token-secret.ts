import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type GetSecretValueCommandInput,
} from "@aws-sdk/client-secrets-manager";
import type { SecretVersion, TokenSecrets } from "#ports/secrets.ts";
import { isAwsError, unavailable } from "../aws-error.ts";
import { clientDefaults, QUICK } from "../clients.ts";

/** The secret of tokens in Secrets Manager, whose versions have ids of its own. */
export function createTokenSecret(client: SecretsManagerClient, arn: string): TokenSecrets {
  const read = async (which: Omit<GetSecretValueCommandInput, "SecretId">): Promise<SecretVersion> => {
    const asked = new GetSecretValueCommand({ SecretId: arn, ...which });
    const { SecretString, VersionId } = await client.send(asked).catch((error: unknown) => {
      throw isAwsError(error, "ResourceNotFoundException")
        ? error
        : unavailable(error, "secret.unavailable", "The secret of tokens cannot be read");
    });
    if (SecretString === undefined || VersionId === undefined)
      throw new Error(
        "The secret of tokens has no text value. Put one with put-secret-value --secret-string.",
      );
    return { id: VersionId, secret: SecretString };
  };
  const readIfKept = (which: Omit<GetSecretValueCommandInput, "SecretId">) =>
    read(which).catch((error: unknown) => {
      if (isAwsError(error, "ResourceNotFoundException")) return undefined;
      throw error;
    });
  return {
    current: () => read({}),
    previous: () => readIfKept({ VersionStage: "AWSPREVIOUS" }),
    version: (VersionId) => readIfKept({ VersionId }),
  };
}

/** With a client of its own: what is loaded on demand. */
export const createDefaultTokenSecret = (arn: string): TokenSecrets =>
  createTokenSecret(new SecretsManagerClient(clientDefaults(QUICK)), arn);
