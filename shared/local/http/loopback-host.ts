const NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Whether a request's `Host` names this machine. A page of another site reaches the loopback interface by a name of its own that
 * resolves to it; its browser says that name.
 */
export const isLoopbackHost = (host: string | undefined): boolean =>
  NAMES.has((host ?? "").replace(/:\d+$/, "").toLowerCase());
