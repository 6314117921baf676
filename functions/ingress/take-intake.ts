import type { SQSRecord } from "aws-lambda";
import type { Metric, Observer } from "#aws/observe.ts";
import type { Tenants } from "#aws/tenants.ts";
import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import { RETURNS } from "#core/returns.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { Ingress } from "#runtime/create-ingress.ts";
import { parseJson } from "#runtime/messages.ts";
import { secondsToPutOff } from "./put-off.ts";

/** An event that was refused. */
export interface GivenUp {
  readonly body: string;
  readonly cause: string;
}

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
  /** Sends events to the intake's dead letters, each with its cause. */
  readonly giveUp: (events: readonly GivenUp[]) => Promise<void>;
}

type Fate = { readonly messageId: string } & (
  | { readonly type: "put-off"; readonly event: PutOff }
  | { readonly type: "given-up"; readonly event: GivenUp }
  | { readonly type: "returned" }
);

/**
 * Takes events that came over spine-in. Account and source are the envelope's, which EventBridge sets; `detail` is the
 * event with `session` as the session's id, and `facts` for what an HTTP event calls `session`. Gives the messages that
 * must come again.
 *
 * Nobody waits for a refusal. An event that no later time would take is a dead letter at once, with its cause; so is one
 * that the infrastructure kept from being taken until its last receive. An event over its tenant's quota goes back to the
 * queue as a new message: returned as it is, it would be a dead letter after some receives, though nothing is wrong with it.
 */
export async function takeIntake(
  records: readonly SQSRecord[],
  ports: IntakePorts,
): Promise<readonly string[]> {
  const { observer } = ports;
  const fates: Fate[] = [];
  await Promise.all(
    bySession(records).map(async (same) => {
      for (const record of same) {
        const fate = await fateOf(record, ports);
        if (fate !== undefined) fates.push(fate);
      }
    }),
  );
  const putOff = fates.filter((fate) => fate.type === "put-off");
  const givenUp = fates.filter((fate) => fate.type === "given-up");
  const returned = fates.filter(({ type }) => type === "returned");
  /** What was sent twice is taken twice, and committed once; a letter is only kept twice. */
  const orReturn = async <Sent extends Fate>(
    sent: readonly Sent[],
    metric: Metric,
    send: () => Promise<void>,
  ) => {
    if (sent.length === 0) return;
    try {
      await send();
      observer.count(metric, sent.length);
    } catch (error) {
      observer.onTrouble(error, "sending events of the intake elsewhere");
      returned.push(...sent);
    }
  };
  await orReturn(putOff, "EventsPutOff", () => ports.putOff(putOff.map(({ event }) => event)));
  await orReturn(givenUp, "EventsRefused", () => ports.giveUp(givenUp.map(({ event }) => event)));
  return returned.map(({ messageId }) => messageId);
}

/** What becomes of a message that is not done. */
async function fateOf(record: SQSRecord, ports: IntakePorts): Promise<Fate | undefined> {
  const { messageId, body } = record;
  try {
    const envelope = readEnvelope(body);
    const over = await take(envelope, ports);
    if (over === undefined) return undefined;
    return { type: "put-off", messageId, event: { body, delaySeconds: delayOf(envelope, over, ports) } };
  } catch (error) {
    // It is in the log: as rejected.
    if (isSpineError(error, "input.rejected")) return undefined;
    ports.observer.onTrouble(error, `taking message ${messageId} of the intake: ${messageOf(error)}`);
    const isFinal = isSpineError(error) && !error.retryable;
    if (!isFinal && !isLastReceive(record)) return { type: "returned", messageId };
    return { type: "given-up", messageId, event: { body, cause: causeOf(error) } };
  }
}

const isLastReceive = ({ attributes }: SQSRecord): boolean =>
  Number(attributes.ApproximateReceiveCount) >= RETURNS.events.receives;

/** A message's attribute takes no control characters, and need not hold all of a long text. */
function causeOf(error: unknown): string {
  const code = isSpineError(error) ? `${error.code}: ` : "";
  return `${code}${messageOf(error)}`
    .replaceAll(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, " ")
    .slice(0, MAX_CAUSE);
}

const MAX_CAUSE = 1_000;

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
  const envelope = parseJson(body, "input.malformed");
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
