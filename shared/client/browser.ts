/**
 * `event-spine/client` in a browser: what needs neither Node nor the AWS SDK. The bundler takes it by the condition `browser`; the types are
 * those of `index.ts`.
 */
export { ApiError } from "./api-error.ts";
export { createHttpCall } from "./call.ts";
export { createSpineClient } from "./client.ts";
export { createHttpStreamCall } from "./stream-call.ts";
export { createClient } from "./typed/create-client.ts";
export { authorizeInBrowser as authorizeBy } from "./signing/authorize-in-browser.ts";
