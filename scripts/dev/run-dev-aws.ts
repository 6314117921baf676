import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isJsonObject } from "#core/json.ts";
import { quoted } from "#console/model/command-lines.ts";
import { say } from "#client/printable.ts";
import { UsageError } from "#client/usage-error.ts";
import { startLocalSpine } from "#local/local-spine.ts";
import type { LogLine } from "#local/provision/site.ts";
import { loopbackSource } from "../console/console-source.ts";
import { serveConsole } from "../console/serve-console.ts";
import { createPassOn } from "../start/forward.ts";
import { withStreams } from "../start/forward-streams.ts";
import { createFront } from "../start/front.ts";
import { DEFAULT_PORT } from "../start/default-port.ts";
import { unlessStopped, untilStopped } from "../start/stopped.ts";
import { greeting, shown } from "./dev-words.ts";
import { createHotModules } from "./hot-modules.ts";
import { readApplication } from "./read-application.ts";
import type { DevOptions } from "./run-dev.ts";

/** What the local AWS stands on, beside the package. */
const NEEDED = ["aws-cdk-lib", "constructs", "dynalite", "aws-local-stepfunctions"];
const NODE_APP = /^(?:npx )?node (?:--[\w-]+ )*["']?([^"'\s]+\.[cm]?[jt]s)["']?$/;
/** What is no source of a stack; hidden files are none either. */
const NO_SOURCES = new Set(["node_modules", "cdk.out", "test"]);

/**
 * Runs the application's own CDK app on this machine: its functions, queues and tables, each as it would be deployed. Throws `UsageError`
 * where there is no app, or something that it needs is not installed.
 */
export async function runDevAws(options: DevOptions): Promise<void> {
  const { app, data, print, stopped } = options;
  const cdkApp = cdkAppHere();
  checkInstalled();
  process.umask(0o077);
  const application = readApplication(shown(app), await createHotModules(app).load());
  const front = await createFront({ port: options.port ?? DEFAULT_PORT, data });
  const opening = startLocalSpine({
    app: cdkApp,
    sources: sourcesHere(),
    onLog: (line) => (line.kind === "output" ? front.write(line) : tell(line, print)),
    signal: stopped,
    ...(data !== undefined && { data }),
  });
  try {
    const local = await unlessStopped(opening, stopped);
    front.open(local, withStreams(createPassOn(local), local));
    const option = data === undefined ? "" : ` --local ${quoted(data)}`;
    const page = await serveConsole({
      source: loopbackSource(front.url, option),
      ...(options.consolePort !== undefined && { port: options.consolePort }),
      option: "--console-port",
    });
    const kept = `${data === undefined ? "in memory" : shown(data)}; functions print into ${shown(front.outputFile)}`;
    const { url } = front;
    print(greeting({ app, application, kept, url, console: page.address, option, isHot: false }));
    await untilStopped(stopped);
    await page.close();
  } catch (error) {
    if (!stopped.aborted) throw error;
  } finally {
    await front.close();
    // Also when it was stopped half open: what has begun is ended.
    await opening.then((local) => local.stop()).catch(() => undefined);
  }
}

function tell({ from, text, kind }: LogLine, print: (text: string) => void): void {
  if (kind === "trouble") say(`${from}: ${text}`);
  if (kind === "progress" && (from === "synth" || from === "local")) print(text);
}

/** The module that `cdk.json` has Node run. */
function cdkAppHere(): string {
  if (!existsSync("cdk.json"))
    throw new UsageError("--aws: there is no cdk.json here. Call npx event-spine add aws first.");
  const parsed: unknown = JSON.parse(readFileSync("cdk.json", "utf8"));
  const command = isJsonObject(parsed) ? parsed["app"] : undefined;
  const [, file] = NODE_APP.exec(typeof command === "string" ? command : "") ?? [];
  if (file !== undefined && existsSync(file)) return file;
  throw new UsageError(
    '--aws: "app" of cdk.json names no module that Node can run. Write "app": "node infra/app.ts".',
  );
}

function checkInstalled(): void {
  const require = createRequire(join(process.cwd(), "package.json"));
  const missing = NEEDED.filter((name) => {
    try {
      require.resolve(name);
      return false;
    } catch (error) {
      // One that only modules may import is there.
      return error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    }
  });
  if (missing.length === 0) return;
  throw new UsageError(
    `--aws: ${missing.join(", ")}: not installed. Call npx event-spine add aws if you have not, then npm install.`,
  );
}

/** All that a stack may be made of: where nothing has changed, its template is found. */
const sourcesHere = (): readonly string[] =>
  readdirSync(".").filter((name) => !name.startsWith(".") && !NO_SOURCES.has(name));
