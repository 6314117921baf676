import type { TenantId } from "#core/ids.ts";
import { customerCareApplication, personsAnswer } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { Blobs } from "#ports/blobs.ts";
import { createHttpIngress, type HttpIngress } from "#runtime/create-http-ingress.ts";
import { createSessionReader } from "#runtime/create-session-reader.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import type { StreamedLog } from "#testing/in-process/in-process-spine.ts";
import { createCompletion } from "./facts.ts";
import { createLocalAgents, SAMPLE_TIMES } from "./local-agents.ts";
import type { Sample } from "./samples.ts";
import { standingBookings } from "./standing-bookings.ts";

/** The tenant that whoever uses this machine speaks for. */
export const LOCAL_TENANT = "local" as TenantId;

export interface LocalSpineOptions {
  /** File of the durable log. @default in memory */
  readonly data?: string;
  readonly troubleIn?: (session: string) => Sample["trouble"];
  readonly onTrouble?: (error: unknown, what: string) => void;
}

export interface LocalSpine {
  readonly spine: InProcessSpine;
  readonly log: StreamedLog;
  readonly handle: HttpIngress;
  /** Sessions that the log held before. */
  readonly found: number;
  close(): Promise<void>;
}

interface Stores {
  readonly log: StreamedLog;
  readonly blobs: Blobs;
  readonly secret?: string;
  close(): void;
}

function openStores(file: string | undefined): Stores {
  if (file === undefined)
    return { log: createMemorySessionLog(), blobs: createMemoryBlobs(), close: () => undefined };
  const log = openSqliteSessionLog(file);
  return { log, blobs: log.blobs, secret: log.secret(), close: () => log.close() };
}

/** The sample application on the in-process spine, over a log in memory or in a file. */
export async function createLocalSpine(options: LocalSpineOptions = {}): Promise<LocalSpine> {
  const { log, blobs, secret, close } = openStores(options.data);
  const clock = createSystemClock();
  const before = createSessionReader({ log, blobs, digest: createNodeDigest() });
  const keys = await log.sessions();
  const commits = await Promise.all(keys.map((key) => before.allCommits(key)));
  const calendar = createMemoryCalendar({ bookings: standingBookings(commits.flat()) });
  const spine = inProcessSpine({
    ...customerCareApplication,
    agents: await createLocalAgents({
      clock,
      calendar,
      workingTimes: SAMPLE_TIMES,
      ...(options.troubleIn !== undefined && { troubleIn: options.troubleIn }),
    }),
    clock,
    log,
    blobs,
    tenant: LOCAL_TENANT,
    ...(secret !== undefined && { secret }),
    ...(options.onTrouble !== undefined && { onTrouble: options.onTrouble }),
  });
  const handle = createHttpIngress(spine.engine, {
    complete: createCompletion(spine.reader, clock),
    answers: personsAnswer,
  });
  return {
    spine,
    log,
    handle,
    found: keys.length,
    async close() {
      await spine.close();
      close();
    },
  };
}
