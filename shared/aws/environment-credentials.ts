interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
export type CredentialsProvider = () => Promise<Credentials>;

/**
 * Credentials from the environment, which is where Lambda puts them. Read at every renewal, since a frozen environment
 * may wake up with new ones.
 */
export function fromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CredentialsProvider {
  return async (): Promise<Credentials> => {
    const accessKeyId = environment["AWS_ACCESS_KEY_ID"];
    const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
    if (!accessKeyId || !secretAccessKey) {
      throw new Error("Missing environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    }
    const sessionToken = environment["AWS_SESSION_TOKEN"];
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
}

/**
 * Bundles have this module in place of `@aws-sdk/credential-provider-node` (see bundling.ts): every client imports that
 * chain of profiles, SSO and metadata services, about 100 kB, whether or not it is given credentials.
 */
export const defaultProvider = (): CredentialsProvider => fromEnvironment();
