import dynalite from "dynalite";
import { listenOnLoopback } from "../http/listening.ts";

/** Serves dynalite alone at a port of this machine, as kind as it is: for what is measured or tested of an adapter. */
export const serveDynalite = (): ReturnType<typeof listenOnLoopback> =>
  listenOnLoopback(dynalite({ createTableMs: 0 }));
