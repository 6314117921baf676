import type { SessionKey } from "#core/ids.ts";
import { hasSealed } from "#core/session/personal/markers.ts";
import type { OriginsOf } from "#core/session/personal/follow.ts";
import { hasPaths as declaresPaths } from "#runtime/sealing/personal-paths.ts";
import type { Sealing } from "#runtime/sealing/sealing.ts";
import { readOptionalEnv, readPersonalPaths } from "../config.ts";
import { onDemand } from "../on-demand.ts";

/**
 * Sealing as the environment says, PERSONAL and PERSONAL_KEY_ARN. Where no tenant has personal values nothing is sealed, and what was
 * sealed when one had is opened all the same. Whoever decides on sessions gives `originsOf`. KMS and all that seals is loaded with the first session that needs it.
 */
export function readLazySealing(table: string, originsOf?: OriginsOf): Sealing {
  const paths = readPersonalPaths();
  const wrappingKey = readOptionalEnv("personalKey");
  const sealing = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultKmsSealing } = await import("#aws/kms/kms-sealing.ts");
    return createDefaultKmsSealing({ table, wrappingKey, paths, originsOf });
  });
  const hasPaths: Sealing["hasPaths"] = (tenant) => declaresPaths(paths, tenant);
  const sealed =
    (what: "commit" | "snapshot" | "whole") =>
    async (key: SessionKey, given: string): Promise<string> =>
      hasPaths(key.tenant) ? (await sealing())[what](key, given) : given;
  return {
    hasPaths,
    paths: async (tenant, flows, known) =>
      hasPaths(tenant) ? (await sealing()).paths(tenant, flows, known) : undefined,
    digests: async (key) => (hasPaths(key.tenant) ? (await sealing()).digests(key) : undefined),
    commit: sealed("commit"),
    snapshot: sealed("snapshot"),
    whole: sealed("whole"),
    open: async (key, text) => (hasSealed(text) ? (await sealing()).open(key, text) : text),
  };
}
