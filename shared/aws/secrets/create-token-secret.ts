import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type GetSecretValueCommandInput,
} from "@aws-sdk/client-secrets-manager";
import type { SecretVersion, TokenSecrets } from "#ports/secrets.ts";
import { reaching } from "../aws-error.ts";
import { clientDefaults, QUICK } from "../clients.ts";

/** The secret of tokens in Secrets Manager, whose versions have ids of its own. */
export function createTokenSecret(client: SecretsManagerClient, arn: string): TokenSecrets {
  const read = async (which: Omit<GetSecretValueCommandInput, "SecretId">): Promise<SecretVersion> => {
    const asked = new GetSecretValueCommand({ SecretId: arn, ...which });
    const { SecretString, VersionId } = await client.send(asked);
    if (SecretString === undefined || VersionId === undefined)
      throw new Error("The token secret has no text value. Set one with put-secret-value --secret-string.");
    return { id: VersionId, secret: SecretString };
  };
  const readIfKept = (which: Omit<GetSecretValueCommandInput, "SecretId">) =>
    reaching<SecretVersion | undefined>(UNREAD, () => read(which), {
      code: "secret.unavailable",
      answers: { ResourceNotFoundException: undefined },
    });
  return {
    current: () => reaching(UNREAD, () => read({}), { code: "secret.unavailable" }),
    previous: () => readIfKept({ VersionStage: "AWSPREVIOUS" }),
    version: (VersionId) => readIfKept({ VersionId }),
  };
}

const UNREAD = "The token secret cannot be read";

/** With a client of its own: what is loaded on demand. */
export const createDefaultTokenSecret = (arn: string): TokenSecrets =>
  createTokenSecret(new SecretsManagerClient(clientDefaults(QUICK)), arn);
