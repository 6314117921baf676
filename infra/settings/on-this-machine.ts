import { DEFAULT_PREFIX, DEFAULT_TENANT } from "#aws/names.ts";
import { EVERY_TENANT, givenTo } from "#core/by-tenant.ts";
import { parseTenantId } from "#core/ids.ts";
import { EVERYBODY, RIGHTS } from "#core/rights.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import { readQuotas } from "./tenant-quotas.ts";
import type { AppValues } from "./variables.ts";
import type { Deployment } from "./deployment.ts";

/** Requests that are held for their replies at once. */
const MAX_WAITING = 8;
/** Streams that are open at once: each holds a process. */
const MAX_STREAMS = 8;

/** Answers without signatures that are taken at once. */
const MAX_CALLBACKS = 2;

/**
 * A deployment without what names things of an account: identities, keys, tables. Commands find the functions of this machine by the
 * default prefix. What a variable says counts before what stands in the file.
 */
export function onThisMachine(deployment: Deployment | undefined, variables: AppValues): Deployment {
  const { bedrockModel, mirror, scorers, callbacks, questions, quota, retention, personal } = variables;
  const ofTheOnlyTenant = deployment?.quotas && givenTo(deployment.quotas, parseTenantId(DEFAULT_TENANT));
  const quotas = readQuotas(quota) ?? (ofTheOnlyTenant && { [EVERY_TENANT]: ofTheOnlyTenant });
  return {
    ...whatIsHere(deployment),
    prefix: DEFAULT_PREFIX,
    // Whoever is at this machine.
    rights: { [EVERYBODY]: [...RIGHTS] },
    // Each holds a process of the ingress, of which a start has 12: what is not held finds one free.
    waits: { total: MAX_WAITING },
    streams: { total: MAX_STREAMS },
    liveOutput: true,
    // Nothing older runs beside it.
    commitForm: SCHEMA_VERSION,
    ...(quotas !== undefined && { quotas }),
    ...(bedrockModel !== undefined && { bedrockModel }),
    ...(mirror !== undefined && { mirror: true }),
    ...(scorers !== undefined && { scorers: true }),
    ...((callbacks !== undefined || deployment?.callbacks !== undefined) && {
      callbacks: { reservedConcurrency: MAX_CALLBACKS },
    }),
    ...(questions !== undefined && { questions: questions === "webhook" ? { webhook: true as const } : {} }),
    ...(retention !== undefined && { retention: { [EVERY_TENANT]: retention } }),
    ...(personal !== undefined && { personal: { [EVERY_TENANT]: personal.split(",") } }),
  };
}

const whatIsHere = ({
  retention,
  personal,
  bedrockModel,
  mirror,
  scorers,
  questions,
  ceilings,
  tenantInFlight,
}: Partial<Deployment> = {}): Partial<Deployment> => ({
  ...(retention !== undefined && { retention }),
  ...(personal !== undefined && { personal }),
  ...(bedrockModel !== undefined && { bedrockModel }),
  ...(mirror !== undefined && { mirror }),
  ...(scorers !== undefined && { scorers }),
  // A secret that is there already is the account's, and its webhook is somebody's.
  ...(questions !== undefined && { questions: { ...questions, topic: true, webhook: undefined } }),
  ...(ceilings !== undefined && { ceilings }),
  ...(tenantInFlight !== undefined && { tenantInFlight }),
});
