import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FunctionConfig } from "../lambda/lambda-function.ts";
import { pythonInterpreter } from "../lambda/python-interpreter.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import type { Site } from "./site.ts";

export type Program = Pick<FunctionConfig, "file" | "exportName" | "python"> & {
  /** What people should know of how it runs here. */
  readonly notice?: string;
};

/** The program of a function: its file in the folder of its asset, and who runs it. */
export function handlerOf(
  runtime: string,
  properties: Properties,
  { path }: Resource,
  { template }: Site,
): Program {
  const code = properties.object("Code");
  code.text("S3Bucket");
  const key = code.text("S3Key");
  code.done();
  const folder = template.asset(key);
  if (folder === undefined) throw new Error(`${path}: the assembly has no asset ${key}.`);
  const handler = properties.text("Handler");
  if (runtime.startsWith("nodejs")) return nodeProgram(path, folder, handler);
  if (runtime.startsWith("python")) return pythonProgram(path, folder, handler, runtime);
  throw new Error(`${path}: the runtime ${runtime} does not run here.`);
}

function nodeProgram(path: string, folder: string, handler: string): Program {
  const [stem = "", exportName = "", ...more] = handler.split(".");
  if (exportName === "" || more.length > 0) throw new Error(`${path}: Handler must be file.export.`);
  return { file: fileIn(path, folder, stem, [".mjs", ".js", ".cjs"]), exportName };
}

function pythonProgram(path: string, folder: string, handler: string, runtime: string): Program {
  const dot = handler.lastIndexOf(".");
  const exportName = handler.slice(dot + 1);
  if (dot < 1 || exportName === "") throw new Error(`${path}: Handler must be module.function.`);
  const file = fileIn(path, folder, handler.slice(0, dot).replaceAll(".", "/"), [".py", "/__init__.py"]);
  const { path: interpreter, notice } = pythonInterpreter(path, runtime);
  return {
    file,
    exportName,
    python: { interpreter, folder, handler },
    ...(notice !== undefined && { notice }),
  };
}

function fileIn(path: string, folder: string, stem: string, endings: readonly string[]): string {
  const file = endings.map((ending) => join(folder, stem + ending)).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`${path}: ${folder} contains no file for ${stem}.`);
  return file;
}
