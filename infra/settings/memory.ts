/** What a function has where nobody says otherwise, in MB: 0.29 of a processor. */
export const DEFAULT_MEMORY_MB = 512;
/**
 * What the door has, in MB: a whole processor. Every agent waits for it, and mostly for its CPU: per answer it takes 21 ms instead of 40 and
 * costs $0.2 more per million (scripts/price/model.ts). Functions that wait for others, such as ingress, would pay for memory while they wait.
 */
export const DOOR_MEMORY_MB = 1_769;
/** What the stream of events has, in MB: it waits most of the time, and memory is what its waiting costs. */
export const STREAM_MEMORY_MB = 256;
/** Of the function of scorers. */
export const SCORERS_MEMORY_MB = 256;
