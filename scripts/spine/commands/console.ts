import { messageOf } from "#core/errors.ts";
import { quoted } from "#console/model/command-lines.ts";
import type { TargetValues } from "#client/target.ts";
import type { Target } from "#client/reaching.ts";
import { UsageError } from "#client/usage-error.ts";
import type { ConsoleSource } from "../../console/console-source.ts";
import { defineCommand } from "../command.ts";
import { readPort } from "../read-values.ts";

/** Serves the console over a spine, to this machine alone. */
export const openConsole = defineCommand({
  name: "console",
  usage: "[--port N]",
  about:
    "serves the console on 127.0.0.1 with your own credentials, until it is stopped, and prints its address",
  positionals: { required: [] },
  options: { port: { type: "string" } },
  prepare({ port, ...target }) {
    const number = port === undefined ? undefined : readPort("--port", port);
    return async ({ target: found, print, stopped }) => {
      // The server, and what it stands on, are loaded by whoever asks for it.
      const { serveConsole } = await import("../../console/serve-console.ts");
      const source = await sourceOf(found, optionsOf(target));
      const page = await serveConsole({
        source,
        option: "--port",
        ...(number !== undefined && { port: number }),
      }).catch((error: unknown) => {
        throw new UsageError(messageOf(error), { cause: error });
      });
      print(`${found.where} is shown at\n\n  ${page.address}\n\nStop with Ctrl-C.`);
      await new Promise<void>((resolve) => {
        if (stopped.aborted) resolve();
        else stopped.addEventListener("abort", () => resolve(), { once: true });
      });
      await page.close();
    };
  },
});

/** A target may have ways of its own to streams and to the function for operators. */
type Ways = Pick<ConsoleSource, "stream" | "operator">;

async function sourceOf(target: Target & Ways, options: string): Promise<ConsoleSource> {
  const { url, where, call, stream, operator } = target;
  const { loopbackSource } = await import("../../console/console-source.ts");
  const { createOperate } = await import("#client/operate.ts");
  if (url !== undefined) return loopbackSource(url, options, createOperate(target));
  const operate = operator && createOperate(target);
  return { where, call, options, ...(stream && { stream }), ...(operator && { operator, operate }) };
}

/** The options that say which spine is meant, as they were given. */
const optionsOf = (given: TargetValues): string =>
  (["file", "local", "ingress", "prefix", "region"] as const)
    .flatMap((name) => (given[name] === undefined ? [] : [` --${name} ${quoted(given[name])}`]))
    .join("");
