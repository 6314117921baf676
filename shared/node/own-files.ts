import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Of this module and all others: `.ts` in the repository, `.js` in the package that is built of it. */
export const OWN_EXTENSION = extname(fileURLToPath(import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const IN_REPOSITORY = OWN_EXTENSION === ".ts";

/** A module of the spine's own, by its path from the root without extension. */
export const ownModule = (path: string): string => join(ROOT, path + OWN_EXTENSION);

/** Where the spine's own modules are, with `package.json` beside or above them. */
export const OWN_ROOT = ROOT;
export const OWN_PACKAGE = join(ROOT, IN_REPOSITORY ? "package.json" : "../package.json");

/** The project that one works on: the repository, or the one that has the package installed and runs here. */
export const projectRoot = (): string => (IN_REPOSITORY ? ROOT : process.cwd());

/** A folder for what is made while one works. */
export const workFolder = (name: string): string => join(projectRoot(), ".build", name);
