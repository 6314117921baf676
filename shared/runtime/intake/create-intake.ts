import { isSpineError, messageOf, problemError } from "#core/errors.ts";
import { parseSessionId } from "#core/ids.ts";
import { RETURNS } from "#core/returns.ts";
import { readIsoTime } from "#core/session/iso-time.ts";
import type { Clock } from "#ports/clock.ts";
import type { Inbox, InboxMessage } from "#ports/queues.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";
import type { QueuedMessage } from "../doors/create-coordinator.ts";
import type { Engine } from "../session/engine.ts";
import { readEvent, takeQuota, type KnownCaller } from "../doors/read-event.ts";
import { secondsToPutOff } from "./put-off.ts";
import { malformed, readEnvelope, type Envelope } from "./read-envelope.ts";
import { causeOf, type RefusedEvent, type RefuseEvents } from "./refused-event.ts";

/** An event that goes back to the intake. */
export interface PutOff {
  readonly body: string;
  readonly delaySeconds: number;
  readonly redrive?: string;
}

/** What is counted of events. */
export type IntakeCount = "EventsTaken" | "EventsPutOff" | "EventsRefused";

export interface IntakePorts extends Pick<Engine, "application" | "ids" | "digest" | "onTrouble"> {
  /** Who may send events from an account under a source; none where they belong to no tenant. */
  readonly callerOf: (account: string, source: string) => KnownCaller | undefined;
  /** @default nobody's events are counted */
  readonly quota?: TenantQuota;
  readonly inbox: Inbox;
  readonly clock: Pick<Clock, "now">;
  /** Sends events to the intake once more, each after its delay. */
  readonly putOff: (events: readonly PutOff[]) => Promise<void>;
  readonly refuse: RefuseEvents;
  readonly count: (metric: IntakeCount, by: number) => void;
}

type Fate =
  | { readonly type: "accepted"; readonly message: InboxMessage }
  | { readonly type: "put-off"; readonly event: PutOff }
  | { readonly type: "refused"; readonly event: RefusedEvent }
  | { readonly type: "returned" };

/**
 * Takes events that came over spine-in, and gives the ids of the messages that must come again. Account and source are the
 * envelope's; `detail` is the event with `session` as the session's id, and `facts` for what an HTTP event calls `session`.
 * What is right of an event by itself (tenant, form, quota) goes into its session's inbox, as an event and nothing else; what
 * depends on the session is refused where that is decided. So is an unknown type, or data that does not fit its schema: runs of
 * the session that began under an older application may wait for it.
 *
 * Nobody waits for a refusal. An event that no later time would take is a dead letter at once, with its cause; so is one
 * that the infrastructure kept from being taken until its last receive. An event over its tenant's quota goes back to the
 * queue as a new message: returned as it is, it would be a dead letter after some receives, though nothing is wrong with it.
 */
export function createIntake(
  ports: IntakePorts,
): (messages: readonly QueuedMessage[]) => Promise<readonly string[]> {
  const { inbox, putOff, refuse, count, onTrouble } = ports;

  return async (messages) => {
    const fates = await Promise.all(
      messages.map(async (message) => ({ message, fate: await fateOf(message, ports) })),
    );
    const returned = fates.filter(({ fate }) => fate.type === "returned").map(({ message }) => message.id);
    const late: RefusedEvent[] = [];

    /** What was sent twice is taken twice, and committed once; a letter is only kept twice. */
    const orReturn = async (type: Fate["type"], metric: IntakeCount, send: () => Promise<void>) => {
      const mine = fates.filter(({ fate }) => fate.type === type);
      if (mine.length === 0) return;
      try {
        await send();
        count(metric, mine.length);
      } catch (error) {
        onTrouble?.(error, "forwarding events from the intake");
        for (const { message } of mine) {
          if (type === "accepted" && isLastReceive(message))
            late.push({ body: message.body, cause: causeOf(error) });
          else returned.push(message.id);
        }
      }
    };
    const all = fates.map(({ fate }) => fate);
    const accepted = all.flatMap((fate) => (fate.type === "accepted" ? [fate.message] : []));
    const over = all.flatMap((fate) => (fate.type === "put-off" ? [fate.event] : []));
    const refused = all.flatMap((fate) => (fate.type === "refused" ? [fate.event] : []));
    await orReturn("accepted", "EventsTaken", () => inbox.send(...accepted));
    await orReturn("put-off", "EventsPutOff", () => putOff(over));
    await orReturn("refused", "EventsRefused", () => refuse(refused));
    if (late.length > 0) await refuse(late);
    return messages.map(({ id }) => id).filter((id) => returned.includes(id));
  };
}

async function fateOf(message: QueuedMessage, ports: IntakePorts): Promise<Fate> {
  const { id, body, redrive } = message;
  const again = redrive === undefined ? {} : { redrive };
  try {
    const envelope = readEnvelope(body);
    const caller = callerOf(envelope, ports);
    const { session, facts, ...event } = envelope.detail;
    if (typeof session !== "string") throw malformed("detail.session", "is not a session id");
    const key = { tenant: caller.tenant, session: parseSessionId(session) };
    const { input, unfit } = await readEvent(ports, caller, {
      // One event may be delivered by its rule more than once: the envelope's id stays.
      id: envelope.id,
      type: envelope.detailType,
      ...event,
      ...(facts !== undefined && { session: facts }),
    });
    if (ports.quota !== undefined) {
      const retryAfterMs = await overQuota(ports.quota, caller);
      if (retryAfterMs !== undefined) {
        const delaySeconds = delayOf(envelope, retryAfterMs, ports);
        return { type: "put-off", event: { body, delaySeconds, ...again } };
      }
    }
    const doubt = unfit === undefined ? {} : { unchecked: true as const };
    return { type: "accepted", message: { key, input, envelope: envelope.whole, ...doubt, ...again } };
  } catch (error) {
    ports.onTrouble?.(error, `processing message ${id} of the intake: ${messageOf(error)}`);
    const isFinal = isSpineError(error) && !error.retryable;
    if (!isFinal && !isLastReceive(message)) return { type: "returned" };
    return { type: "refused", event: { body, cause: causeOf(error) } };
  }
}

const isLastReceive = ({ receives = 1 }: QueuedMessage): boolean => receives >= RETURNS.events.receives;

function callerOf({ account, source }: Envelope, ports: IntakePorts): KnownCaller {
  const caller = ports.callerOf(account, source);
  if (caller === undefined) throw malformed("source", `belongs to no tenant: ${account}/${source}`);
  if (!caller.rights.includes("send"))
    throw problemError("input.malformed", {
      field: "source",
      problem: `lacks the right "send"`,
      repair: `Add it to the rights of ${caller.source} in the deployment.`,
    });
  return caller;
}

/** When the quota has room again, ms from now, where the event is over it. */
async function overQuota(quota: TenantQuota, { tenant }: KnownCaller): Promise<number | undefined> {
  try {
    await takeQuota(quota, tenant);
    return undefined;
  } catch (error) {
    if (isSpineError(error, "tenant.over-quota")) return Number(error.details["retryAfterMs"] ?? 0);
    throw error;
  }
}

function delayOf({ time }: Envelope, retryAfterMs: number, { clock, ids }: IntakePorts): number {
  const now = clock.now();
  const sentAt = readIsoTime(time ?? "") ?? now;
  return secondsToPutOff(now - sentAt, retryAfterMs, ids.next());
}
