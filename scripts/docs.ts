import { join } from "node:path";
import { buildSite } from "./docs/build-site.ts";

const root = join(import.meta.dirname, "..");
const out = join(root, ".build/site");
const pages = await buildSite(root, out);
console.log(`${pages.length} pages: open ${join(out, "index.html")}, or serve the folder anywhere.`);
