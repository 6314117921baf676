import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientDefaults, QUICK } from "./clients.ts";

/** Reads the secret from which tokens are made. */
export async function readTokenSecret(arn: string): Promise<string> {
  const client = new SecretsManagerClient(clientDefaults(QUICK));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (SecretString === undefined) throw new Error("The secret for tokens has no text value.");
  return SecretString;
}
