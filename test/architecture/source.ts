import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

const NOT_OURS = new Set(["node_modules", ".git", ".build", "dist", "coverage"]);

/** Every file of the repository, by path from its root. */
export function filesOf(folder = ""): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesOf(path);
    return entry.isFile() ? [path] : [];
  });
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** A module that a source names in an import or an export, types included. */
export interface Import {
  readonly from: string;
  /** Path from the root, `node:…`, or a package's name. */
  readonly to: string;
}

const NAMED =
  /^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^\}\s*from\s*"([^"]+)"/gm;

const packageJson = JSON.parse(textOf("package.json")) as {
  readonly imports: Readonly<Record<string, string>>;
};
const FOLDERS = Object.entries(packageJson.imports).map(
  ([name, path]) => [name.replace("*", ""), path.replace("./", "").replace("*", "")] as const,
);

export function importsOf(path: string): readonly Import[] {
  return [...textOf(path).matchAll(NAMED)].map(([, named, dynamic, closing]) => ({
    from: path,
    to: resolve(path, named ?? dynamic ?? closing ?? ""),
  }));
}

function resolve(from: string, name: string): string {
  if (name.startsWith(".")) return posix.join(posix.dirname(from), name);
  for (const [prefix, folder] of FOLDERS)
    if (name.startsWith(prefix)) return folder + name.slice(prefix.length);
  return name;
}
