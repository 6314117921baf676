import { createMemoryMonitoring } from "#memory/memory-monitoring.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { describeMonitoring } from "../monitoring.ts";

const NOW = 1_800_000_000_000;

describeMonitoring("memory", () =>
  Promise.resolve({ monitoring: createMemoryMonitoring(createMovableClock(NOW)), now: NOW }).then(
    ({ monitoring, now }) => ({ ...monitoring, monitoring, now }),
  ),
);
