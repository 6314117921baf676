import type { SessionKey } from "#core/ids.ts";
import type { PersonalPaths, Sealing } from "#runtime/sealing/sealing.ts";
import { readEnv, readOptionalEnv } from "./config.ts";
import { onDemand } from "./on-demand.ts";

/**
 * Sealing as the environment says, PERSONAL and PERSONAL_KEY_ARN; none where no tenant has personal values. KMS and all that
 * seals is loaded with the first session that needs it.
 */
export function readLazySealing(table: string): Sealing | undefined {
  const text = readOptionalEnv("personal");
  if (text === undefined) return undefined;
  // The construct writes what it has checked.
  const paths = JSON.parse(text) as PersonalPaths;
  const { personalKey: wrappingKey } = readEnv(["personalKey"]);
  const sealing = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultKmsSealing } = await import("#aws/kms-sealing.ts");
    return createDefaultKmsSealing({ table, wrappingKey, paths });
  });
  const hasPaths: Sealing["hasPaths"] = (tenant) =>
    ((Object.hasOwn(paths, tenant) ? paths[tenant] : paths["*"]) ?? []).length > 0;
  const sealed =
    (what: "commit" | "snapshot" | "whole" | "open") =>
    async (key: SessionKey, given: string): Promise<string> =>
      hasPaths(key.tenant) ? (await sealing())[what](key, given) : given;
  return {
    hasPaths,
    commit: sealed("commit"),
    snapshot: sealed("snapshot"),
    whole: sealed("whole"),
    open: sealed("open"),
  };
}
