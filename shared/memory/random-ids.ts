/** The ones of shared/node. */
export { createRandomIds } from "#node/random-ids.ts";
