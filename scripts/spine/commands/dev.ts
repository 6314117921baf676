import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "#client/usage-error.ts";
import { defineTool } from "../command.ts";
import { readPort } from "../read-values.ts";

/** Where an application is looked for. */
const APPS = ["spine.ts", "spine.js", "spine.mjs"];

/** Runs one's own application, and puts in place what is saved. */
export const dev = defineTool({
  name: "dev",
  usage: "[--app FILE] [--data DIR] [--port N] [--console-port N]",
  about:
    "runs your application (default: spine.ts) in one process with the console, keeps its sessions in .event-spine, and puts in place what you save",
  positionals: { required: [] },
  options: {
    app: { type: "string" },
    data: { type: "string" },
    port: { type: "string" },
    "console-port": { type: "string" },
  },
  prepare({ app, data, port, "console-port": consolePort }) {
    const file = appIn(app);
    if (data?.trim() === "") throw new UsageError("--data: is empty. Give the path of a folder.");
    const ports = {
      ...(port !== undefined && { port: readPort("--port", port) }),
      ...(consolePort !== undefined && { consolePort: readPort("--console-port", consolePort) }),
    };
    return async ({ print, stopped }) => {
      const { runDev } = await import("../../dev/run-dev.ts");
      await runDev({ app: file, data, ...ports, print, stopped });
      // What an agent has begun in the background would keep the process up.
      process.exit();
    };
  },
});

function appIn(given: string | undefined): string {
  const file = given ?? APPS.find((name) => existsSync(name));
  if (file === undefined)
    throw new UsageError(
      `--app: there is no ${APPS.join(", no ")} here. Name your application's module, or begin one with npm create event-spine@latest.`,
    );
  if (!existsSync(file))
    throw new UsageError(`--app: ${file} does not exist. Name your application's module.`);
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18))
    throw new UsageError(
      `dev: Node ${process.versions.node} cannot load modules again, nor run TypeScript as it is. Use Node 22.18 or newer.`,
    );
  return resolve(file);
}
