import { existsSync } from "node:fs";

/** Where an application is looked for that no option names. */
export const APPLICATION_NAMES = ["spine.ts", "spine.js", "spine.mjs"] as const;

/** The application's module in the folder where a command is called, if there is one. */
export const ownApplication = (): string | undefined => APPLICATION_NAMES.find((name) => existsSync(name));
