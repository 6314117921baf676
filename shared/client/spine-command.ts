import { IN_REPOSITORY } from "#node/own-files.ts";

/** How one calls the command whose messages name it: in the repository, or where the package is installed. */
export const SPINE_COMMAND = IN_REPOSITORY ? "npm run spine --" : "npx event-spine";
