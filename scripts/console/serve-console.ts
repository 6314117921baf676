import { onGivenPort } from "../start/on-given-port.ts";
import { consoleAssets } from "./console-assets.ts";
import { CONSOLE_PORT, startConsole, type RunningConsole } from "./console-server.ts";
import type { ConsoleSource } from "./console-source.ts";

export interface ServeOptions {
  readonly source: ConsoleSource;
  /** 0 takes any free port. @default 8788, or any where that is taken */
  readonly port?: number;
  /** The option that gives the port, for who must give another one. */
  readonly option: string;
}

/** Serves the console that is built of this project. Throws `input.malformed` when the port that was asked for is taken. */
export async function serveConsole({ source, port, option }: ServeOptions): Promise<RunningConsole> {
  const assets = consoleAssets();
  if (port === undefined)
    return startConsole({ source, assets, port: CONSOLE_PORT }).catch(() =>
      startConsole({ source, assets, port: 0 }),
    );
  return onGivenPort(port, option, (given) => startConsole({ source, assets, port: given }));
}
