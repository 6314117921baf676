import type { SQSRecord } from "aws-lambda";
import type { Observer } from "#aws/observe.ts";
import type { Tenants } from "#aws/tenants.ts";
import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { Ingress } from "#runtime/create-ingress.ts";
import { secondsToPutOff } from "./put-off.ts";

/** An event that goes back to the intake. */
export interface PutOff {
  readonly body: string;
  readonly delaySeconds: number;
}

export interface IntakePorts {
  readonly ingress: Pick<Ingress, "send">;
  readonly tenants: Tenants;
  readonly observer: Observer;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  /** Sends events to the intake once more, each after its delay. */
  readonly putOff: (events: readonly PutOff[]) => Promise<void>;
}

/**
 * Takes events that came over spine-in. Account and source are the envelope's, which EventBridge sets; `detail` is the
 * event with `session` as the session's id, and `facts` for what an HTTP event calls `session`. Gives the messages that
 * must come again; what never can be taken ends in the intake's dead-letter queue, since nobody waits for a refusal.
 *
 * An event over its tenant's quota goes back to the queue as a new message: returned as it is, it would be a dead letter
 * after a few receives, though nothing is wrong with it.
 */
export async function takeIntake(
  records: readonly SQSRecord[],
  ports: IntakePorts,
): Promise<readonly string[]> {
  const { observer } = ports;
  const failed: string[] = [];
  const late: { readonly messageId: string; readonly event: PutOff }[] = [];
  await Promise.all(
    bySession(records).map(async (same) => {
      for (const { messageId, body } of same) {
        try {
          const envelope = readEnvelope(body);
          const over = await take(envelope, ports);
          if (over !== undefined)
            late.push({ messageId, event: { body, delaySeconds: delayOf(envelope, over, ports) } });
        } catch (error) {
          observer.onTrouble(error, `taking message ${messageId} of the intake: ${messageOf(error)}`);
          failed.push(messageId);
        }
      }
    }),
  );
  if (late.length === 0) return failed;
  try {
    await ports.putOff(late.map(({ event }) => event));
    observer.count("EventsPutOff", late.length);
    return failed;
  } catch (error) {
    // Those that went are taken twice, and committed once.
    observer.onTrouble(error, "putting off events over their tenants' quotas");
    return [...failed, ...late.map(({ messageId }) => messageId)];
  }
}

/** When the quota has room again, ms from now, where the event was not taken for it. */
async function take(envelope: Envelope, { ingress, tenants }: IntakePorts): Promise<number | undefined> {
  const { account, source, id, detailType, detail } = envelope;
  const caller = tenants.ofBus(account, source);
  if (caller === undefined) throw malformed("source", `belongs to no tenant: ${account}/${source}`);
  const { session, facts, ...event } = detail;
  if (typeof session !== "string") throw malformed("detail.session", "is no session's id");
  try {
    await ingress.send(caller, session, {
      // One event may be delivered by its rule more than once: the envelope's id stays.
      id,
      type: detailType,
      ...event,
      ...(facts !== undefined && { session: facts }),
    });
    return undefined;
  } catch (error) {
    if (isSpineError(error, "tenant.over-quota")) return Number(error.details["retryAfterMs"] ?? 0);
    throw error;
  }
}

function delayOf({ time }: Envelope, retryAfterMs: number, { clock, ids }: IntakePorts): number {
  const sentAt = Date.parse(time ?? "");
  const waited = Number.isNaN(sentAt) ? 0 : clock.now() - sentAt;
  return secondsToPutOff(waited, retryAfterMs, ids.next());
}

interface Envelope {
  readonly account: string;
  readonly source: string;
  readonly id: string;
  readonly detailType: string;
  /** When it was sent, as its sender may say. */
  readonly time?: string;
  readonly detail: JsonObject;
}

function readEnvelope(body: string): Envelope {
  const envelope: unknown = JSON.parse(body);
  if (!isJsonObject(envelope)) throw malformed("body", "is no event of EventBridge");
  const { account, source, id, time, detail, "detail-type": detailType } = envelope;
  const texts = [account, source, id, detailType].every((value) => typeof value === "string");
  if (!texts || !isJsonObject(detail)) throw malformed("body", "is no event of EventBridge");
  // Each was found to be a text.
  return { account, source, id, detailType, detail, ...(typeof time === "string" && { time }) } as Envelope;
}

/** Events of one session one after another, in the order in which they came; sessions side by side. */
function bySession(records: readonly SQSRecord[]): readonly (readonly SQSRecord[])[] {
  const sessions = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const name = SESSION.exec(record.body)?.[1] ?? record.messageId;
    const same = sessions.get(name);
    if (same === undefined) sessions.set(name, [record]);
    else same.push(record);
  }
  return [...sessions.values()];
}

/** A guess is enough: two events of one session that are taken side by side compete for it, and both are committed. */
const SESSION = /"session":\s*"([^"]*)"/;

function malformed(field: string, problem: string): SpineError {
  const repair = 'Send {"session": "…", "type": "…", "data": …} as the detail.';
  return new SpineError("input.malformed", `${field} ${problem}.`, {
    problems: [{ field, problem, repair }],
  });
}
