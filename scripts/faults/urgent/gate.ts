import { serveLoopback } from "#local/http/loopback-server.ts";
import { deferred } from "#local/deferred.ts";

/** What a long task waits for outside the spine. */
export interface Gate {
  readonly url: string;
  /** Resolves when a task waits at it. */
  readonly reached: Promise<void>;
  /** Lets everybody through, from now on. */
  open(): void;
  stop(): Promise<void>;
}

export async function openGate(): Promise<Gate> {
  const arrival = deferred<void>();
  const opening = deferred<void>();
  const server = await serveLoopback(async () => {
    arrival.resolve();
    await opening.promise;
    return { status: 204 };
  });
  return {
    url: server.url,
    reached: arrival.promise,
    open: () => opening.resolve(),
    stop: () => server.stop(),
  };
}
