import { parseTenantId } from "#core/ids.ts";
import { startHttpServer } from "#local/http/http-server.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import type { OperatorRequest } from "#runtime/letters/operator-protocol.ts";
import type { InProcessSpine } from "#testing/index.ts";
import { consoleAssets } from "../../../scripts/console/console-assets.ts";
import { startConsole, type RunningConsole } from "../../../scripts/console/console-server.ts";
import { loopbackSource } from "../../../scripts/console/console-source.ts";
import { deskLetters, deskOperate } from "./desk-letters.ts";
import { bareApi, deskApi } from "./desk-api.ts";

export interface OpenConsole extends RunningConsole {
  /** What the spine was asked, in order. */
  readonly asked: HttpRequest[];
  /** What its operators were asked, in order. */
  readonly operated: readonly OperatorRequest[];
}

export interface OpenOptions {
  /** A spine without lists, health, letters and streams. */
  readonly isBare?: boolean;
  /** What agents say while they work. */
  readonly live?: LiveOutput;
}

/** A console over a spine in this process: behind its real HTTP ingress, on a real port. */
export async function openConsole(
  spine: InProcessSpine,
  { isBare = false, live }: OpenOptions = {},
): Promise<OpenConsole> {
  const box = await deskLetters(spine.key("any").tenant);
  const operated: OperatorRequest[] = [];
  const handle = isBare ? bareApi(spine) : deskApi(spine, box, live);
  const asked: HttpRequest[] = [];
  const server = await startHttpServer({
    port: 0,
    tenant: parseTenantId("local"),
    handle: (request, gone) => {
      asked.push(request);
      return handle(request, gone);
    },
  });
  const running = await startConsole({
    source: loopbackSource(server.url, "", isBare ? undefined : deskOperate(box, operated)),
    assets: consoleAssets(),
    port: 0,
  });
  return {
    ...running,
    asked,
    operated,
    async close() {
      await running.close();
      await server.close();
    },
  };
}
