import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { API_PAGE } from "./build/package-files.ts";
import { publicApi } from "./build/public-api.ts";

/* Writes the page on the public API, from what `npm run build` made. */

const ROOT = join(import.meta.dirname, "..");
await writeFile(join(ROOT, API_PAGE), publicApi(ROOT));
console.log(`Wrote ${API_PAGE}. Review its changes: they are changes for users.`);
