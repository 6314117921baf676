import type { TenantQuota } from "#ports/tenant-quota.ts";
import type { IntakePorts } from "#runtime/intake/create-intake.ts";
import { TENANT } from "./sim-names.ts";
import { OFFERS, type Ground, type Worker } from "./worker.ts";
import { RIGHTS } from "#core/rights.ts";

/** Who may send, and how much: now and then the tenant has sent as much as it may. */
export function createSimIntake(
  { chaos }: Ground,
  worker: Worker,
): Required<Pick<IntakePorts, "callerOf" | "quota">> {
  const quota: TenantQuota = {
    take: () =>
      worker.call("quota.take", OFFERS.write, () => {
        const over = chaos.at(worker.site("quota"), ["over-quota"]);
        return Promise.resolve(
          over === undefined ? { type: "granted" } : { type: "over", retryAfterMs: over.value },
        );
      }),
  };
  return { callerOf: (_, source) => ({ tenant: TENANT, source, rights: RIGHTS }), quota };
}
