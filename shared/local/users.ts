import { authorizeBy, type Authorize } from "#client/signing/signed-fetch.ts";
import type { Access } from "./iam/access.ts";
import { LOCAL_REGION } from "./addresses.ts";
import { randomSecret } from "./signing/access-key.ts";
import { FUNCTION_URL } from "./signing/services.ts";

/** People and programs outside the template, who may do anything that no policy denies. */
export interface Users {
  /** Gives the secret of a user's key, which stays the same if the user is added again. */
  add(accessKeyId: string, arn: string): string;
  /** Signs requests to function URLs. @default as the first user */
  authorize(accessKeyId?: string): Authorize;
  /** The first user's credentials, as clients of the SDK read them. */
  environment(): Readonly<Record<string, string>>;
}

const EVERYTHING = [
  { effect: "Allow", actions: ["*"], resources: ["*"], principals: [], condition: () => true },
] as const;

export function createUsers(access: Access): Users {
  const secrets = new Map<string, string>();
  const first = (): string => secrets.keys().next().value ?? "";
  const secretOf = (accessKeyId: string): string => {
    const secret = secrets.get(accessKeyId);
    if (secret === undefined)
      throw new Error(`Nobody has the access key ${accessKeyId}. Add the user first.`);
    return secret;
  };
  return {
    add(accessKeyId, arn) {
      const secretAccessKey = secrets.get(accessKeyId) ?? randomSecret();
      secrets.set(accessKeyId, secretAccessKey);
      access.addCaller(
        { accessKeyId, secretAccessKey, now: Date.now },
        { name: accessKeyId, principal: { type: "identity", arn, policies: [EVERYTHING] } },
      );
      return secretAccessKey;
    },
    authorize(accessKeyId = first()) {
      const credentials = { accessKeyId, secretAccessKey: secretOf(accessKeyId) };
      return authorizeBy(credentials, LOCAL_REGION, FUNCTION_URL.name);
    },
    environment: () => ({
      AWS_REGION: LOCAL_REGION,
      ...(secrets.size > 0 && { AWS_ACCESS_KEY_ID: first(), AWS_SECRET_ACCESS_KEY: secretOf(first()) }),
    }),
  };
}
