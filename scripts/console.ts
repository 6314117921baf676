import { join } from "node:path";
import { buildConsole } from "./console/build-console.ts";

/* Builds the console's page: npm run console:build [FOLDER]. */

const ROOT = join(import.meta.dirname, "..");
const [folder = join(ROOT, "dist/console")] = process.argv.slice(2);
await buildConsole(ROOT, folder);
