import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { createSystemClock } from "#node/system-clock.ts";
import type { OriginsOf } from "#core/session/personal/follow.ts";
import type { SessionKeys } from "#ports/secrets.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import type { DeclaredPaths } from "#core/session/personal/declared-paths.ts";
import { createSealing, type Sealing } from "#runtime/sealing/sealing.ts";
import { clientDefaults, QUICK } from "../clients.ts";
import { createKmsSessionKeys } from "./kms-session-keys.ts";

export interface KmsSealingOptions {
  readonly table: string;
  readonly wrappingKey: string | undefined;
  readonly paths: ByTenant<DeclaredPaths>;
  /** The language of conditions is loaded by whoever decides, and not once more with what seals. */
  readonly originsOf?: OriginsOf | undefined;
}

/** Sealing with clients of its own: what is loaded on demand. */
export function createDefaultKmsSealing({
  table,
  wrappingKey,
  paths,
  originsOf,
}: KmsSealingOptions): Sealing & {
  readonly keys: SessionKeys;
} {
  const keys = createKmsSessionKeys({
    dynamo: new DynamoDBClient(clientDefaults(QUICK)),
    kms: new KMSClient(clientDefaults(QUICK)),
    table,
    wrappingKey,
    clock: createSystemClock(),
  });
  return { ...createSealing({ keys, paths, ...(originsOf !== undefined && { originsOf }) }), keys };
}
