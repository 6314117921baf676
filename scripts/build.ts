import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPackage } from "./build/build-package.ts";

/*
 * Makes dist/, which the package consists of: npm run build (types first), or with --modules alone, without declarations.
 */

const ROOT = join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { modules: { type: "boolean", default: false } } });

const { modules, declarations } = await buildPackage(ROOT, { declarations: !values.modules });
const sizes = await Promise.all([...modules, ...declarations].map((path) => stat(join(ROOT, path))));
const kilobytes = Math.round(sizes.reduce((sum, { size }) => sum + size, 0) / 1_000);
console.log(`dist: ${modules.length} modules, ${declarations.length} declaration files, ${kilobytes} kB.`);
