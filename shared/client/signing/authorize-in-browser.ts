import type { Authorize } from "./signed-fetch.ts";
import { signWith, type Credentials } from "./sign-with.ts";
import { WebSha256 } from "./web-sha256.ts";

/**
 * Signs requests to one service by the browser's clock. The credentials are what a page may have: short-lived ones of a role that may send and
 * read and nothing else.
 */
export const authorizeInBrowser =
  (credentials: Credentials, region: string, service: string): Authorize =>
  (request) =>
    signWith(WebSha256, request, { credentials, region, service, now: new Date() });
