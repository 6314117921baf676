/** The ones of shared/node. */
export { createHmacTokens } from "#node/hmac-tokens.ts";
