/**
 * How many cases of a property are tried: few while somebody waits, and SPINE_TIMES as many where time matters less (`.ci/run`).
 */
export const runs = (few: number): number => few * Number(process.env["SPINE_TIMES"] ?? 1);
