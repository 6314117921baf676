import type { AlarmDefinition } from "#local/metrics/alarm-definition.ts";
import type { DrillWorld } from "./world.ts";

/** A trouble, and the alarms that it must set ringing. */
export interface Scenario {
  /** As the drill's table tells it. */
  readonly trouble: string;
  /** Whether an alarm, by its name without the spine's prefix, is to ring. */
  rings(alarm: string): boolean;
  /** Lets time pass until the trouble would be felt as late as it can be. @default nothing */
  prepare?(world: DrillWorld): Promise<void>;
  /** Makes the trouble, and lets as much time pass as it needs to be noticed. `alarms` are those that are to ring. */
  run(world: DrillWorld, alarms: readonly AlarmDefinition[]): Promise<void>;
  /** Cleans up what would go on ringing, beyond ending the trouble. @default nothing */
  after?(world: DrillWorld): Promise<void>;
}

/** Pollers that are throttled wait for time to pass: nobody has to wait for them. */
export const THROTTLED = { patienceMs: 200 } as const;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The value of a dimension in what an alarm looks at, one for each of its metrics. */
export const dimensionOf = ({ metrics }: AlarmDefinition, dimension: string): readonly string[] => [
  ...new Set([...metrics.values()].flatMap(({ key }) => key.dimensions[dimension] ?? [])),
];
