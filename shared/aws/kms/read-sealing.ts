import type { SessionKey } from "#core/ids.ts";
import { hasSealed } from "#core/session/personal/markers.ts";
import type { OriginsOf } from "#core/session/personal/follow.ts";
import { hasPaths as declaresPaths } from "#core/session/personal/declared-paths.ts";
import type { Sealing } from "#runtime/sealing/sealing.ts";
import { readOptionalEnv } from "../config.ts";
import { readPersonalPaths } from "../given-to-tenants.ts";
import { loadedOnFirstUse } from "../on-demand.ts";

/**
 * Sealing as the environment says, PERSONAL and PERSONAL_KEY_ARN. Where no tenant has personal values nothing is sealed, and what was
 * sealed when one had is opened all the same. Whoever decides on sessions gives `originsOf`. KMS and all that seals is loaded with the first session that needs it.
 */
export function readSealing(table: string, originsOf?: OriginsOf): Sealing {
  const paths = readPersonalPaths();
  const wrappingKey = readOptionalEnv("personalKey");
  let isLoaded = false;
  const late = loadedOnFirstUse<Omit<Sealing, "hasPaths">>(
    { paths: true, digests: true, cachedKey: true, commit: true, snapshot: true, whole: true, open: true },
    async () => {
      // Named as bundling names it, which gives it a file of its own.
      const { createDefaultKmsSealing } = await import("#aws/kms/kms-sealing.ts");
      isLoaded = true;
      return createDefaultKmsSealing({ table, wrappingKey, paths, originsOf });
    },
  );
  const hasPaths: Sealing["hasPaths"] = (tenant) => declaresPaths(paths, tenant);
  const sealed =
    (what: "commit" | "snapshot" | "whole") =>
    async (key: SessionKey, given: string): Promise<string> =>
      hasPaths(key.tenant) ? late[what](key, given) : given;
  return {
    hasPaths,
    paths: async (tenant, flows, known) => (hasPaths(tenant) ? late.paths(tenant, flows, known) : undefined),
    digests: async (key) => (hasPaths(key.tenant) ? late.digests(key) : undefined),
    // Where no key was asked for, none is there.
    cachedKey: async (key) => (isLoaded ? late.cachedKey(key) : undefined),
    commit: sealed("commit"),
    snapshot: sealed("snapshot"),
    whole: sealed("whole"),
    open: async (key, text) => (hasSealed(text) ? late.open(key, text) : text),
  };
}
