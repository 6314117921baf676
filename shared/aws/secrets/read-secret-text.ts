import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { reaching } from "../aws-error.ts";

/** The current text of a secret, without spaces around it. Throws `secret.unavailable`. */
export const readSecretText = (client: SecretsManagerClient, arn: string): Promise<string> =>
  reaching(
    "The secret cannot be read",
    async () => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      if (SecretString === undefined) throw new Error("It has no text value.");
      return SecretString.trim();
    },
    { code: "secret.unavailable" },
  );
