import { parseTenantId } from "#core/ids.ts";
import { DEFAULT_TENANT } from "#aws/names.ts";

/** The tenant of everybody where the deployment names none. */
export const TENANT = parseTenantId(DEFAULT_TENANT);
