/** Of the HTTP server on this machine. */
export const DEFAULT_PORT = 8787;
