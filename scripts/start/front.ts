import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { problemResponse } from "#runtime/doors/http/problem.ts";
import { makePrivateFolder } from "#local/private-folder.ts";
import type { LogLine } from "#local/provision/site.ts";
import { announce, localFolder, withdraw } from "#client/running-file.ts";
import { onGivenPort } from "./on-given-port.ts";
import { startHttpServer, type HandleHttp, type RunningHttpServer } from "#local/http/http-server.ts";
import { PREFIX, type LocalSpine } from "#local/local-spine.ts";
import { TENANT } from "./tenant.ts";

export interface FrontOptions {
  readonly port: number;
  /** Folder that the spine keeps its data in. */
  readonly data: string | undefined;
}

/** What people and programs on this machine see of a spine: its port, the file that names it, what its functions print. */
export interface Front {
  readonly url: string;
  readonly outputFile: string;
  write(line: LogLine): void;
  /** From now on requests are handled so, and `npm run spine` finds the spine. */
  open(local: LocalSpine, handle: HandleHttp): void;
  /** Takes no more requests, and waits a little for those under way. */
  close(): Promise<void>;
}

/** Takes the port; requests are refused until there is a spine to hand them to. */
export async function createFront({ port, data }: FrontOptions): Promise<Front> {
  let handle: HandleHttp = notYet;
  const { url, close } = await listen(port, (request, gone) => handle(request, gone));
  const folder = localFolder(data);
  makePrivateFolder(folder);
  const outputFile = join(folder, "functions.log");
  const output = createWriteStream(outputFile);
  return {
    url,
    outputFile,
    write: ({ from, text }) => void output.write(`${from}: ${text}\n`),
    open(local, handled) {
      handle = handled;
      const { ingressUrl, streamUrl, cloud } = local;
      announce(folder, {
        url,
        ingressUrl,
        ...(streamUrl !== undefined && { streamUrl }),
        prefix: PREFIX,
        pid: process.pid,
        environment: cloud.environment,
      });
    },
    async close() {
      withdraw(folder, process.pid);
      await close();
    },
  };
}

const notYet: HandleHttp = () =>
  Promise.resolve(
    problemResponse(503, {
      code: "spine.starting",
      detail: "The spine is starting. Try again in a moment.",
      headers: { "retry-after": "1" },
    }),
  );

const listen = (port: number, handle: HandleHttp): Promise<RunningHttpServer> =>
  onGivenPort(port, "--port", (given) => startHttpServer({ port: given, tenant: TENANT, handle }));
