import { isJsonObject, type Json } from "#core/json.ts";
import type { RetentionTimes } from "#runtime/retention/policy.ts";

/** Reads how long finished sessions stay: a JSON object from tenant, or `*` for all others, to milliseconds. */
export function readRetentionTimes(text: string): RetentionTimes {
  const value = JSON.parse(text) as Json;
  if (!isJsonObject(value)) throw new Error("RETENTION is not a JSON object.");
  const times: Record<string, number> = {};
  for (const [tenant, ms] of Object.entries(value)) {
    if (typeof ms !== "number" || !(ms > 0))
      throw new Error(`RETENTION has no number of milliseconds for ${tenant}.`);
    times[tenant] = ms;
  }
  return times;
}
