/** The test kit: the whole spine in one process, on a clock that can be moved. */
export {
  inProcessSpine,
  type AskOptions,
  type InProcessSpine,
  type InProcessSpineOptions,
} from "./in-process/in-process-spine.ts";
export { createMovableClock } from "#memory/movable-clock.ts";
export { given, dataOf } from "./given-when-then.ts";
export { World, type WorldOptions } from "./world.ts";
