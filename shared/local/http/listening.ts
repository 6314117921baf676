import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const HOST = "127.0.0.1";

export interface Listening {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, waits so long for requests under way, then ends every connection. */
  close(graceMs?: number): Promise<void>;
}

/** Has a server listen on the loopback interface alone, on this port or on any that is free. Throws when the port is taken. */
export async function listenOnLoopback(server: Server, port = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
  let closing = false;
  // A connection that was busy when the server closed is kept alive by its answer, and nobody would end it.
  const endIdle = (_: unknown, response: ServerResponse) =>
    response.once("close", () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  server.on("request", endIdle);
  // A server that does not listen to it lets every caller send its body.
  if (server.listenerCount("checkContinue") > 0) server.on("checkContinue", endIdle);
  const address = server.address() as AddressInfo; // a TCP server's address is never a pipe's name
  return {
    url: `http://${HOST}:${address.port}`,
    port: address.port,
    close(graceMs = 0) {
      closing = true;
      return new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        if (graceMs === 0) server.closeAllConnections();
        else server.closeIdleConnections();
      });
    },
  };
}
