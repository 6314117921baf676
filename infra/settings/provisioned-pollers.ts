import { settingError } from "#core/by-tenant.ts";

/**
 * Lambda's provisioned mode for the mappings of an agent's queues: pollers that stand ready, so that a sudden load is not taken up by degrees. Each is billed by
 * the hour, and runs up to ten tasks at once.
 */
export interface ProvisionedPollers {
  /** Pollers that always run in each lane, 2 to 200. @default 2 */
  readonly minimum?: number;
  /** The most that run in each lane, 2 to 2,000: in place of `maxConcurrency`, a bulkhead of ten tasks each. @default 5, or the minimum */
  readonly maximum?: number;
}

/** What Lambda takes for a queue: the default quota of a mapping's maximum is lower for accounts that have not asked. */
const LEAST = 2;
const MOST_AT_LEAST = 200;
const MOST = 2_000;
/** Times ten tasks: as many as `maxConcurrency` has by default. */
const DEFAULT_MAXIMUM = 5;

/** The pollers as they are deployed. Throws what Lambda would refuse. */
export function readPollers(
  agent: string,
  { minimum = LEAST, maximum = Math.max(DEFAULT_MAXIMUM, minimum) }: ProvisionedPollers,
): Required<ProvisionedPollers> {
  const problems = [
    ...outside(`${agent}.provisionedPollers.minimum`, minimum, MOST_AT_LEAST),
    ...outside(`${agent}.provisionedPollers.maximum`, maximum, MOST),
  ];
  if (problems.length > 0) throw settingError(problems);
  if (minimum <= maximum) return { minimum, maximum };
  throw settingError([
    {
      field: `${agent}.provisionedPollers`,
      problem: `has a minimum of ${minimum}, above its maximum of ${maximum}`,
      repair: "Raise the maximum or lower the minimum.",
    },
  ]);
}

/** Provisioned mode has bounds of its own. */
export const bothBounds = (agent: string): Error =>
  settingError([
    {
      field: `${agent}.provisionedPollers`,
      problem: "stands beside maxConcurrency, which Lambda refuses in provisioned mode",
      repair: "Leave maxConcurrency out: a poller runs up to ten tasks at once.",
    },
  ]);

const outside = (field: string, value: number, most: number) =>
  Number.isInteger(value) && value >= LEAST && value <= most
    ? []
    : [{ field, problem: `is ${value}`, repair: `Give a whole number from ${LEAST} to ${most}.` }];
