declare module "dynalite" {
  import type { Server } from "node:http";
  export default function dynalite(options: {
    /** A folder for LevelDB; in memory without. */
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
