import type { Context } from "aws-lambda";
import type { Observer } from "#aws/observe/observe.ts";
import { createOperatorUrl, isUrlEvent } from "#aws/lambda/operator-url.ts";
import type { Tenants } from "#aws/lambda/tenants.ts";
import { problemError } from "#core/errors.ts";
import { isJsonObject } from "#core/json.ts";
import type { Clock, Executions } from "#ports/clock.ts";
import type { AnswerQueue, Inbox, CommitScan, WaysBack } from "#ports/queues.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { isoTime } from "#core/session/iso-time.ts";
import type { TenantId } from "#core/ids.ts";
import type { HealthReport, SpineHealth } from "#runtime/health/create-health-report.ts";
import type { LimitsReport } from "#runtime/health/create-limits-report.ts";
import type { Tokens } from "#ports/secrets.ts";
import { createLetterConfirmer, type Confirmed } from "#runtime/letters/create-letter-confirmer.ts";
import { createOperator } from "#runtime/letters/create-operator.ts";
import { createRedrive } from "#runtime/letters/create-redrive.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import type { SessionStores } from "#runtime/letters/look-up.ts";
import { parseOperatorRequest } from "#runtime/letters/operator-protocol.ts";
import { createWatchLetter, readWatch } from "#runtime/letters/watch.ts";

export interface OperationsPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly executions: Executions;
  readonly inbox: Inbox;
  /** Queues that deliver what they delivered minutes ago. */
  readonly again: { readonly inbox: Inbox; readonly answers: AnswerQueue; readonly waysBack: WaysBack };
  readonly scan: CommitScan;
  readonly tenants: Pick<Tenants, "ofOperator">;
  readonly tokens: Tokens;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
  /** How agents and queues do. */
  readonly health: () => Promise<HealthReport>;
  /** What a tenant may send; of all tenants where none is given. */
  readonly limits: (tenant: TenantId | undefined) => Promise<LimitsReport>;
}

/** The day of a time, UTC. */
const dayOf = (ms: number): string => isoTime(ms).slice(0, "YYYY-MM-DD".length);

const ENDED = {
  recorded: "RecordedLetters",
  parked: "ParkedLetters",
  expired: "ExpiredLetters",
} as const;

/**
 * Does what operators ask by its URL, and confirms a page of letters for the execution that watches them. It takes no records: what it works on
 * are letters that recovery has kept and commits of the log, and nothing of what it is called with becomes an input.
 */
export function createOperations(ports: OperationsPorts) {
  const { observer, again } = ports;
  const filing = createFiling(ports);
  const reading = { digest: ports.stores.digest, tokens: ports.tokens };
  const confirm = createLetterConfirmer({
    ...ports,
    ...reading,
    filing,
    onEnded: (mark) => observer.count(ENDED[mark]),
  });
  const redrive = createRedrive({ ...ports, ...reading, ...again, watch: createWatchLetter(ports) });
  const operator = createOperator({ ...ports, ...again, filing, redrive });

  const byUrl = createOperatorUrl({
    ...ports,
    operate: (asked, who) => operator(parseOperatorRequest(asked), who),
    looks: {
      "/health": async (_, { tenant }): Promise<SpineHealth> => {
        const [health, limits] = await Promise.all([ports.health(), ports.limits(tenant)]);
        return { ...health, limits };
      },
      "/dead-letters": ({ day = dayOf(ports.clock.now()), after }, who) =>
        operator(parseOperatorRequest({ op: "list", day, ...(after !== undefined && { after }) }), who),
    },
  });

  return (event: unknown, context: Context): Promise<Confirmed | Awaited<ReturnType<typeof byUrl>>> =>
    observer.invocation(context, {}, async () => {
      if (isUrlEvent(event)) return byUrl(event);
      if (isJsonObject(event) && "confirm" in event) return confirm(readWatch(event["confirm"]));
      const repair = "Call the function's URL, or let the execution that watches letters call it.";
      throw problemError("input.malformed", { field: "event", problem: "is not a request", repair });
    });
}
