import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPLATE = fileURLToPath(new URL("template", import.meta.url));
const NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/;
const LEAST_NODE = [22, 18];
/** npm keeps files of these names out of packages, or reads them as its own. */
const RENAMED = { gitignore: ".gitignore" };
/** What may be in a folder that counts as empty. */
const HARMLESS = new Set([".git", ".DS_Store", ".idea", ".vscode"]);

/**
 * Looks at everything that could be wrong, and writes nothing.
 *
 * @param {{ folder?: string, extra?: readonly string[], eventSpine?: string, node: string }} asked
 */
export function planApplication({ folder = "", extra = [], eventSpine, node }) {
  const problems = [];
  const path = resolve(folder);
  const name = basename(path);
  const [major, minor] = node.split(".").map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]))
    problems.push({
      field: "Node",
      problem: `${node} cannot run TypeScript as it is`,
      repair: `Use Node ${LEAST_NODE.join(".")} or newer.`,
    });
  if (folder.trim() === "")
    problems.push({
      field: "FOLDER",
      problem: "is missing",
      repair: "Call npm create event-spine@latest my-app.",
    });
  else if (!NAME.test(name))
    problems.push({
      field: "FOLDER",
      problem: `"${name}" cannot be the name of a package`,
      repair: "Use lower-case letters, digits and - . _, starting with a letter or digit.",
    });
  if (extra.length > 0)
    problems.push({ field: `"${extra[0]}"`, problem: "is one name too many", repair: "Give one folder." });
  const found = existsSync(path) ? contentOf(path) : [];
  if (folder.trim() !== "" && found.length > 0)
    problems.push({
      field: "FOLDER",
      problem: `${folder} ${found === FILE ? "is a file" : `is not empty (${found.slice(0, 3).join(", ")})`}`,
      repair: "Name a new folder, or an empty one.",
    });
  return { folder, path, name, eventSpine, problems };
}

const FILE = ["a file"];
const contentOf = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).filter((name) => !HARMLESS.has(name)) : FILE;

/** Writes the application that was planned. */
export function beginApplication({ path, name, eventSpine }) {
  for (const file of filesIn(TEMPLATE)) {
    const target = join(path, RENAMED[file] ?? file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, named(file, readFileSync(join(TEMPLATE, file), "utf8"), { name, eventSpine }));
  }
}

function named(file, text, { name, eventSpine }) {
  if (file !== "package.json") return text.replaceAll("my-app", name);
  const manifest = { ...JSON.parse(text), name };
  if (eventSpine !== undefined) manifest.dependencies["event-spine"] = eventSpine;
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
