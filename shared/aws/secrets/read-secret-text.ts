import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { reaching } from "../aws-error.ts";
import { clientDefaults, lean, QUICK } from "../clients.ts";

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

/** With a client of its own: what is loaded on demand. */
export const readDefaultSecretText = (arn: string): Promise<string> =>
  readSecretText(lean(new SecretsManagerClient(clientDefaults(QUICK))), arn);
