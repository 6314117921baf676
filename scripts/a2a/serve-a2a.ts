import { onGivenPort } from "../start/on-given-port.ts";
import { A2A_PORT, startA2aGateway, type A2aGatewayOptions, type RunningA2aGateway } from "./a2a-server.ts";

/** Serves the gateway: without a port at 8789, or any where that is taken. Throws `input.malformed` when a given port is taken. */
export async function serveA2a({ port, ...options }: A2aGatewayOptions): Promise<RunningA2aGateway> {
  if (port !== undefined)
    return onGivenPort(port, "--port", (given) => startA2aGateway({ ...options, port: given }));
  return startA2aGateway({ ...options, port: A2A_PORT }).catch(() =>
    startA2aGateway({ ...options, port: 0 }),
  );
}
