import { credentialsIn } from "#client/signing/credentials-in.ts";
import type { Credentials } from "#client/signing/sign.ts";

/** What a client of the SDK is made with to reach an emulator. */
export interface Connection {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
}

/**
 * How a client reaches a service of the local runtime, as the user of its environment; the service as its variable names it.
 *
 * @example new SQSClient(connectionTo(cloud.environment, "SQS"))
 */
export const connectionTo = (
  environment: Readonly<Record<string, string | undefined>>,
  service: string,
): Connection => ({
  region: environment["AWS_REGION"] ?? "",
  endpoint: environment[`AWS_ENDPOINT_URL_${service}`] ?? "",
  credentials: credentialsIn(environment),
});
