/** The one of shared/node. */
export { createNodeDigest } from "#node/node-digest.ts";
