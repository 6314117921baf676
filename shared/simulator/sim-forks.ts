import { createForkSession, type ForkSession } from "#runtime/session/fork-session.ts";
import type { Engine } from "#runtime/session/engine.ts";

const MOST_LOST = 5;

/** Forks as a process of the ingress makes them: whoever lost a race tries again at once, a few times. */
export const createSimForks = (engine: Engine): ForkSession =>
  createForkSession(engine, (lost) => Promise.resolve(lost < MOST_LOST));
