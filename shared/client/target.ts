import { DEFAULT_PREFIX } from "#aws/names.ts";
import { createHttpCall } from "./call.ts";
import { reaching, type Target } from "./reaching.ts";
import { findRunning } from "./running-file.ts";
import { createHttpStreamCall } from "./stream-call.ts";

/** Options of every command: which spine is meant, or which file in place of one. */
export const TARGET_OPTIONS = {
  file: { type: "string" },
  local: { type: "string" },
  ingress: { type: "string" },
  prefix: { type: "string" },
  region: { type: "string" },
} as const;

export interface TargetValues {
  /** Sessions that were exported: whoever takes this one reads them without a spine. */
  readonly file?: string | undefined;
  readonly local?: string | undefined;
  readonly ingress?: string | undefined;
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
}

/** The name by which events from a terminal are known to a spine on this machine. */
const PRODUCER = "terminal";

/** The spine that the options mean: a deployed one where they name one, else the one that runs on this machine. */
export async function findTarget(values: TargetValues, environment = process.env): Promise<Target> {
  const { prefix = environment["SPINE_PREFIX"] || undefined, region } = values;
  const ingress = values.ingress ?? (environment["SPINE_INGRESS_URL"] || undefined);
  const namesDeployed = [ingress, values.prefix, region].some((value) => value !== undefined);
  if (!namesDeployed) return localTarget(values.local);
  // Clients of the SDK are only loaded where they are needed.
  const { deployedTarget } = await import("./deployed-target.ts");
  return deployedTarget({ prefix: prefix ?? DEFAULT_PREFIX, region, ingress });
}

function localTarget(folder: string | undefined): Target {
  const { url, pid, prefix, environment, inProcess } = findRunning(folder);
  const asProducer = () => Promise.resolve({ "x-producer": PRODUCER });
  const call = createHttpCall(url, asProducer);
  const stream = createHttpStreamCall(url, asProducer);
  const where = `The spine of process ${pid} at ${url}`;
  return {
    where,
    call: reaching(where, call),
    stream: reaching(where, stream),
    url,
    prefix,
    environment,
    ...(inProcess !== undefined && { inProcess }),
  };
}
