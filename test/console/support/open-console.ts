import { parseTenantId } from "#core/ids.ts";
import { startHttpServer } from "#local/http/http-server.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import type { InProcessSpine } from "#testing/index.ts";
import { consoleAssets } from "../../../scripts/console/console-assets.ts";
import { startConsole, type RunningConsole } from "../../../scripts/console/console-server.ts";
import { loopbackSource } from "../../../scripts/console/console-source.ts";
import { withAgreedReads, type MadeRows } from "./agreed-reads.ts";

export interface OpenConsole extends RunningConsole {
  /** What the spine was asked, in order. */
  readonly asked: HttpRequest[];
}

export interface OpenOptions {
  /** Rows beside those of the spine's sessions. */
  readonly made?: MadeRows;
  /** Only what the ingress itself answers. */
  readonly isBare?: boolean;
}

/** A console over a spine in this process: behind its real HTTP ingress, on a real port. */
export async function openConsole(
  spine: InProcessSpine,
  { made, isBare = false }: OpenOptions = {},
): Promise<OpenConsole> {
  const ingress = createHttpIngress(spine.engine);
  const handle = isBare ? ingress : withAgreedReads(spine, ingress, made);
  const asked: HttpRequest[] = [];
  const server = await startHttpServer({
    port: 0,
    tenant: parseTenantId("local"),
    handle: (request) => {
      asked.push(request);
      return handle(request);
    },
  });
  const running = await startConsole({
    source: loopbackSource(server.url, ""),
    assets: consoleAssets(),
    port: 0,
  });
  return {
    ...running,
    asked,
    async close() {
      await running.close();
      await server.close();
    },
  };
}
