import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "#client/usage-error.ts";
import { defineOwnCommand } from "../command.ts";
import { APPLICATION_NAMES, ownApplication } from "../own-application.ts";
import { readPort } from "../read-values.ts";
import { requireNode } from "../required-node.ts";

/** Runs one's own application, and puts in place what is saved. */
export const dev = defineOwnCommand({
  name: "dev",
  usage: "[--app FILE] [--data DIR] [--port N] [--console-port N] [--aws]",
  about:
    "runs your application (default: spine.ts) in one process with the console, keeps its sessions in .event-spine, and puts in place what you save; with --aws on the local AWS, from its own CDK app",
  positionals: { required: [] },
  options: {
    app: { type: "string" },
    data: { type: "string" },
    port: { type: "string" },
    "console-port": { type: "string" },
    aws: { type: "boolean" },
  },
  prepare({ app, data, port, "console-port": consolePort, aws = false }) {
    requireNode("dev");
    const file = appIn(app);
    if (data?.trim() === "") throw new UsageError("--data: is empty. Give the path of a folder.");
    const ports = {
      ...(port !== undefined && { port: readPort("--port", port) }),
      ...(consolePort !== undefined && { consolePort: readPort("--console-port", consolePort) }),
    };
    return async ({ print, stopped }) => {
      const options = { app: file, data, ...ports, print, stopped };
      if (aws) await (await import("../../dev/run-dev-aws.ts")).runDevAws(options);
      else await (await import("../../dev/run-dev.ts")).runDev(options);
      // What an agent has begun in the background would keep the process up.
      process.exit();
    };
  },
});

function appIn(given: string | undefined): string {
  const file = given ?? ownApplication();
  if (file === undefined)
    throw new UsageError(
      `--app: there is no ${APPLICATION_NAMES.join(", no ")} here. Name your application's module, or begin one with npm create event-spine@latest.`,
    );
  if (!existsSync(file))
    throw new UsageError(`--app: ${file} does not exist. Name your application's module.`);
  return resolve(file);
}
