import type { SQSRecord } from "aws-lambda";
import type { Observer } from "#aws/observe.ts";
import type { Tenants } from "#aws/tenants.ts";
import { messageOf, SpineError } from "#core/errors.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { Ingress } from "#runtime/create-ingress.ts";

/**
 * Takes events that came over spine-in. Account and source are the envelope's, which EventBridge sets; `detail` is the
 * event with `session` as the session's id, and `facts` for what an HTTP event calls `session`. Gives the messages that
 * must come again; what never can be taken ends in the intake's dead-letter queue, since nobody waits for a refusal.
 */
export async function takeIntake(
  records: readonly SQSRecord[],
  ingress: Pick<Ingress, "send">,
  tenants: Tenants,
  observer: Observer,
): Promise<readonly string[]> {
  const failed: string[] = [];
  await Promise.all(
    bySession(records).map(async (same) => {
      for (const { messageId, body } of same) {
        try {
          await take(body, ingress, tenants);
        } catch (error) {
          observer.onTrouble(error, `taking message ${messageId} of the intake: ${messageOf(error)}`);
          failed.push(messageId);
        }
      }
    }),
  );
  return failed;
}

async function take(body: string, ingress: Pick<Ingress, "send">, tenants: Tenants): Promise<void> {
  const { account, source, envelopeId, detailType, detail } = readEnvelope(body);
  const caller = tenants.ofBus(account, source);
  if (caller === undefined) throw malformed("source", `belongs to no tenant: ${account}/${source}`);
  const { session, facts, ...event } = detail;
  if (typeof session !== "string") throw malformed("detail.session", "is no session's id");
  await ingress.send(caller, session, {
    // One event may be delivered by its rule more than once: the envelope's id stays.
    id: envelopeId,
    type: detailType,
    ...event,
    ...(facts !== undefined && { session: facts }),
  });
}

interface Envelope {
  readonly account: string;
  readonly source: string;
  readonly envelopeId: string;
  readonly detailType: string;
  readonly detail: JsonObject;
}

function readEnvelope(body: string): Envelope {
  const envelope: unknown = JSON.parse(body);
  if (!isJsonObject(envelope)) throw malformed("body", "is no event of EventBridge");
  const { account, source, id, detail, "detail-type": detailType } = envelope;
  const texts = [account, source, id, detailType].every((value) => typeof value === "string");
  if (!texts || !isJsonObject(detail)) throw malformed("body", "is no event of EventBridge");
  // Each was found to be a text.
  return { account, source, envelopeId: id, detailType, detail } as Envelope;
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
