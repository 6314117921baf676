import { createSpineClient, type SpineClient } from "#client/client.ts";
import { inProcessCall, type InProcessSpine } from "#testing/index.ts";

/** The spine's API over a spine in this process, as one producer sees it. */
export const inProcessClient = (spine: InProcessSpine, source: string): SpineClient =>
  createSpineClient(inProcessCall(spine, source));
