import { join } from "node:path";
import { isSpineError, messageOf } from "#core/errors.ts";
import { announce, localFolder, withdraw } from "#client/running-file.ts";
import { DEFAULT_PREFIX } from "#aws/names.ts";
import { quoted } from "#console/model/command-lines.ts";
import { startHttpServer } from "#local/http/http-server.ts";
import { makePrivateFolder } from "#local/private-folder.ts";
import type { RunnableApplication } from "#testing/in-process/in-process-spine.ts";
import { loopbackSource } from "../console/console-source.ts";
import { serveConsole } from "../console/serve-console.ts";
import { DEFAULT_PORT } from "../start/default-port.ts";
import { TENANT } from "../start/tenant.ts";
import { onGivenPort } from "../start/on-given-port.ts";
import { openDevSpine, type DevSpine } from "./dev-spine.ts";
import { greeting, heldText, shown, unfitText } from "./dev-words.ts";
import { createHotModules, type HotModules } from "./hot-modules.ts";
import { describeLoadError } from "./load-error.ts";
import { readApplication } from "./read-application.ts";
import { untilStopped } from "../start/stopped.ts";
import { createReloads } from "./reloads.ts";
import { watchFiles } from "./watch-files.ts";

export interface DevOptions {
  /** The application's module, an absolute path. */
  readonly app: string;
  /** Folder of the log. @default .event-spine */
  readonly data: string | undefined;
  /** @default 8787, or a free one where that is taken */
  readonly port?: number;
  /** @default 8788, or a free one where that is taken */
  readonly consolePort?: number;
  readonly print: (text: string) => void;
  readonly stopped: AbortSignal;
}

export const DATA_FOLDER = ".event-spine";

/** Runs an application until it is stopped, and puts what is saved in place while it runs. */
export async function runDev(options: DevOptions): Promise<void> {
  const { app, print, stopped } = options;
  const data = options.data ?? join(process.cwd(), DATA_FOLDER);
  // The log holds what customers say.
  process.umask(0o077);
  makePrivateFolder(data);
  const modules = createHotModules(app);
  const begun = await begin(modules, data, options);
  if (begun === undefined) return;
  const { application, spine } = begun;
  const outside = (error: unknown): void =>
    print(`Code failed outside of a task, and the spine goes on: ${messageOf(error)}`);
  process.on("uncaughtException", outside);
  process.on("unhandledRejection", outside);

  const listen = (port: number) => startHttpServer({ port, tenant: TENANT, handle: spine.handle });
  const server = await (options.port === undefined
    ? listen(DEFAULT_PORT).catch(() => listen(0))
    : onGivenPort(options.port, "--port", listen));
  const { url } = server;
  const option = options.data === undefined ? "" : ` --local ${quoted(options.data)}`;
  const page = await serveConsole({
    source: loopbackSource(url, option),
    ...(options.consolePort !== undefined && { port: options.consolePort }),
    option: "--console-port",
  });
  const running = { url, ingressUrl: url, prefix: DEFAULT_PREFIX, pid: process.pid, environment: {} };
  announce(localFolder(data), { ...running, inProcess: true });
  const kept = heldText(data, spine);
  print(greeting({ app, application, kept, url, console: page.address, option }));
  if (spine.unfit.length > 0)
    print(unfitText(spine.unfit, "Their next tasks wait until their steps are late."));

  const reloads = createReloads({ app, modules, spine, application, print });
  const watching = watchFiles(() => modules.files(), reloads.look);
  reloads.onLoaded(watching.refresh);
  spine.onCommit(reloads.retry);
  await untilStopped(stopped);
  watching.close();
  withdraw(localFolder(data), process.pid);
  await page.close();
  await server.close();
  await spine.close();
}

interface Begun {
  readonly application: RunnableApplication;
  readonly spine: DevSpine;
}

/** An application that cannot be loaded is told, and looked at again when it is saved; nothing where it is stopped before. */
async function begin(
  modules: HotModules,
  data: string,
  { app, print, stopped }: DevOptions,
): Promise<Begun | undefined> {
  const onTrouble = (error: unknown, what: string): void => print(`${what}: ${messageOf(error)}`);
  while (!stopped.aborted) {
    try {
      const application = readApplication(shown(app), await modules.load());
      return { application, spine: await openDevSpine({ application, data, onTrouble }) };
    } catch (error) {
      if (isSpineError(error, "log.unavailable") || isSpineError(error, "log.other-version")) throw error;
      print(`${await describeLoadError(error, modules.files())}\nSave the file again when it is mended.`);
    }
    await untilSaved(modules, stopped);
  }
  return undefined;
}

function untilSaved(modules: HotModules, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (modules.changed().length > 0) done();
    };
    const watching = watchFiles(() => modules.files(), look);
    const done = (): void => {
      watching.close();
      stopped.removeEventListener("abort", done);
      resolve();
    };
    stopped.addEventListener("abort", done);
  });
}
