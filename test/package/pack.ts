import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { delimiter, join } from "node:path";
import { buildPackage } from "../../scripts/build/build-package.ts";
import { ROOT } from "../architecture/source.ts";

/** Runs npm, and what it runs with the Node of this project. */
export const npm = (
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): string =>
  execFileSync("npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...environment,
      PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    },
  });

/** Builds the package, and packs it into a folder; gives the file. */
export async function packProject(folder: string): Promise<string> {
  await buildPackage(ROOT, { declarations: true });
  return pack(ROOT, join(folder, "event-spine.tgz"));
}

/** Packs what `npm create` runs. */
export const packCreate = (folder: string): string =>
  pack(join(ROOT, "packages/create"), join(folder, "create-event-spine.tgz"));

function pack(project: string, file: string): string {
  const destination = join(file, "..");
  const [{ filename }] = JSON.parse(
    npm(["pack", "--json", "--ignore-scripts", "--pack-destination", destination], project),
  ) as [{ filename: string }];
  renameSync(join(destination, filename), file);
  return file;
}
