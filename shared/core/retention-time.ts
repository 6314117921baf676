import type { ReadValue } from "./by-tenant.ts";

/** The shortest time that a finished session may stay: its relay, and whoever waits for its reply, must have seen it. */
export const SHORTEST_RETENTION_MS = 60_000;

/** Reads how long a tenant's finished sessions stay, in ms. */
export const readRetention: ReadValue<number> = (value) =>
  typeof value === "number" && value >= SHORTEST_RETENTION_MS
    ? { value }
    : {
        problem: `is ${typeof value === "number" ? `${value / 1_000} seconds` : JSON.stringify(value)}`,
        repair: "Give a minute or more.",
      };
