import { join } from "node:path";
import type { Agent } from "#core/contract.ts";
import type { HandleHttp } from "#local/http/http-server.ts";
import { createCommitNotices } from "#memory/commit-notices.ts";
import { createMemoryLiveOutput } from "#memory/memory-live-output.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import { createScoreReads } from "#runtime/doors/http/score-reads.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { openSqliteSessionLog, type SqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { exchangeableSpine, type RunnableApplication } from "#testing/in-process/in-process-spine.ts";
import { TENANT } from "../start/tenant.ts";
import { findUnfitSessions, type UnfitSession } from "./find-unfit-sessions.ts";
import { devHttp } from "./dev-http.ts";

export interface DevSpineOptions {
  readonly application: RunnableApplication;
  /** Folder of the log. */
  readonly data: string;
  readonly onTrouble: (error: unknown, what: string) => void;
}

/** A spine that runs somebody's own application in this process, and keeps its sessions. */
export interface DevSpine {
  /** The API over HTTP, streams included. */
  readonly handle: HandleHttp;
  /** How many sessions the log holds, and how many of them go on. */
  readonly sessions: number;
  readonly resumed: number;
  /** Sessions of before whose runs the application does not fit. */
  readonly unfit: readonly UnfitSession[];
  /**
   * Puts another application in place, unless runs under way could not go on with it: these are what it gives then, and nothing has changed.
   * Throws `contract.invalid` or `flow.invalid`.
   */
  exchange(next: RunnableApplication): Promise<readonly UnfitSession[]>;
  /** Called after each commit. */
  onCommit(listener: () => void): void;
  close(): Promise<void>;
}

const LOG = "sessions.db";

/** Opens the log, and takes up the sessions that it holds. Throws `log.unavailable` where another process has it. */
export async function openDevSpine({ application, data, onTrouble }: DevSpineOptions): Promise<DevSpine> {
  const log = openSqliteSessionLog(join(data, LOG));
  try {
    return await spineOver(log, { application, onTrouble });
  } catch (error) {
    log.close();
    throw error;
  }
}

async function spineOver(
  log: SqliteSessionLog,
  { application, onTrouble }: Omit<DevSpineOptions, "data">,
): Promise<DevSpine> {
  const clock = createSystemClock();
  const live = createMemoryLiveOutput();
  let current = application;
  const { scores } = log;
  const stores = { log, scores, blobs: log.blobs, secret: log.secret(), clock, live };
  const spine = exchangeableSpine({ ...application, ...stores, tenant: TENANT, onTrouble });
  const { engine, sessionIndex } = spine;

  const indexing = createIndexing({ index: sessionIndex, log });
  const keys = await log.sessions();
  for (const key of keys) await indexing(key, [], true);

  const notices = createCommitNotices(clock);
  log.onAppend(notices.appended);
  const unfitFor = (agents: readonly Agent[], before: readonly Agent[]) =>
    findUnfitSessions({ engine, index: sessionIndex, tenant: TENANT }, agents, before);
  const unfit = await unfitFor(application.agents, []);
  const resumed = await spine.resume();

  return {
    handle: devHttp({
      ingress: createHttpIngress(engine, {
        notices,
        pauseMs: () => 0,
        listed: () => Promise.resolve(createListedReads(engine, sessionIndex)),
        scores: () => Promise.resolve(createScoreReads(engine, scores)),
      }),
      streams: createEventStreams(engine, { live }),
      spine,
    }),
    sessions: keys.length,
    resumed,
    unfit,
    async exchange(next) {
      const found = await unfitFor(next.agents, current.agents);
      if (found.length > 0) return found;
      spine.exchange(next);
      current = next;
      return [];
    },
    onCommit: (listener) => log.onAppend(() => listener()),
    async close() {
      await spine.close();
      log.close();
    },
  };
}
