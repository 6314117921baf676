import { HEALTH_PARTITION } from "../names.ts";

/** The counts of one agent are spread over this many partitions, unless a test says otherwise. */
export const HEALTH_SHARDS = 4;

/** The partition of an agent's counts in a shard; its items are keyed by their window. */
export const healthCountPartition = (agent: string, shard: number): string =>
  `${HEALTH_PARTITION}/${agent}#${shard}`;

/** The item that holds until when breakers are open, by agent. */
export const OPEN_BREAKERS = { pk: { S: HEALTH_PARTITION }, sk: { N: "0" } };

/** The partition of the changes of an agent's breaker, each keyed by its time. */
export const breakerChangesPartition = (agent: string): string => `${HEALTH_PARTITION}/${agent}#changes`;
