/** The one of shared/node. */
export { createSystemClock } from "#node/system-clock.ts";
