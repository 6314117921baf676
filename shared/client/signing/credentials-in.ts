import type { Credentials } from "./sign-with.ts";

/** Credentials as the SDK reads them from an environment. */
export const credentialsIn = (environment: Readonly<Record<string, string | undefined>>): Credentials => ({
  accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
});
