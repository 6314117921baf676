import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { median } from "../../statistics.ts";
import { openBareLog } from "./bare-log.ts";
import { AGENTS, ASKED, COMMIT_BYTES, COMMITS, FIVE_AGENTS, INPUT } from "./five-agents.ts";

/** What one way of keeping sessions does, on this machine. */
export interface EngineSpeed {
  /** From the event to the reply, one session at a time, ms. */
  readonly p50AloneMs: number;
  /** With so many at once: sessions a second, and CPU of this process for each. */
  readonly perSecond: number;
  readonly cpuMs: number;
}

const AT_ONCE = 32;
const WARM = 20;

type PlaySession = (session: string) => Promise<void>;

/** Plays sessions one at a time, and then many at once. */
async function speedOf(play: PlaySession, sessions: number): Promise<EngineSpeed> {
  for (let at = 0; at < WARM; at += 1) await play(`warm-${at}`);
  const alone: number[] = [];
  for (let at = 0; at < sessions; at += 1) {
    const begun = performance.now();
    await play(`alone-${at}`);
    alone.push(performance.now() - begun);
  }
  const cpu = process.cpuUsage();
  const begun = performance.now();
  let next = 0;
  const many = sessions * 2;
  const worker = async () => {
    while (next < many) {
      next += 1;
      await play(`many-${next}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { p50AloneMs: median(alone), perSecond: many / seconds, cpuMs: (user + system) / 1_000 / many };
}

export interface EngineRound {
  readonly bare: EngineSpeed;
  readonly sqlite: EngineSpeed;
  readonly memory: EngineSpeed;
}

/** One round of all three, in a folder of its own on this machine's disk: their ratios belong together. */
export async function measureInProcess(sessions: number): Promise<EngineRound> {
  const folder = await mkdtemp(join(tmpdir(), "spine-bench-"));
  try {
    const bareLog = await openBareLog(join(folder, "bare.log"));
    const text = "x".repeat(COMMIT_BYTES);
    const bare = await speedOf(async () => {
      for (let commit = 0; commit < COMMITS; commit += 1) await bareLog.append(text);
    }, sessions);
    await bareLog.close();
    const log = openSqliteSessionLog(join(folder, "spine.db"));
    const sqlite = await speedOfSpine(sessions, { log, blobs: log.blobs });
    log.close();
    return { bare, sqlite, memory: await speedOfSpine(sessions, {}) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function speedOfSpine(
  sessions: number,
  stores: Pick<Parameters<typeof inProcessSpine>[0], "log" | "blobs">,
): Promise<EngineSpeed> {
  const spine = inProcessSpine({ flows: [FIVE_AGENTS], agents: AGENTS, ...stores });
  const speed = await speedOf(async (session) => void (await spine.ask(ASKED, INPUT, { session })), sessions);
  await spine.close();
  return speed;
}
