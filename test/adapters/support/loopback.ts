import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";

/** A server of the file's tests on this machine; what is mounted answers below its own path. */
export function loopback(): { readonly mount: (serve: RequestListener) => string } {
  const mounted: RequestListener[] = [];
  let server: Server | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, at = "", rest = ""] = /^\/(\d+)(.*)$/.exec(request.url ?? "") ?? [];
      request.url = rest === "" ? "/" : rest;
      mounted[Number(at)]?.(request, response);
    });
    await new Promise<void>((listening) => void server?.listen(0, "127.0.0.1", listening));
  });
  afterAll(async () => {
    server?.closeAllConnections();
    await new Promise((closed) => void server?.close(closed));
  });
  return {
    mount: (serve) => {
      mounted.push(serve);
      return `http://127.0.0.1:${(server?.address() as AddressInfo).port}/${mounted.length - 1}`;
    },
  };
}
