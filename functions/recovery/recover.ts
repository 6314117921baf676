import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { AgentMetric } from "#aws/observe/metrics.ts";
import { agentOfDeadLetters, deadLetterName, QueueSuffix } from "#aws/names.ts";
import type { Metric, Observer } from "#aws/observe/observe.ts";
import type { ProveReceived } from "#aws/sqs/sqs-proof.ts";
import { batchResponse, queueOf } from "#aws/sqs/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { Clock, Deadlines, Executions } from "#ports/clock.ts";
import type { Inbox } from "#ports/queues.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { Tokens } from "#ports/secrets.ts";
import {
  createLetterKeeper,
  type Kept,
  type LetterKeeperPorts,
} from "#runtime/letters/create-letter-keeper.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import type { SessionStores } from "#runtime/letters/look-up.ts";
import { createWatchLetter } from "#runtime/letters/watch.ts";

export interface RecoveryPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly executions: Executions;
  readonly inbox: Inbox;
  readonly deadlines: Deadlines;
  readonly tokens: Tokens;
  readonly clock: Pick<Clock, "now">;
  readonly prove: ProveReceived;
  readonly returnSoon: ReturnSoon;
  readonly seals: NonNullable<LetterKeeperPorts["seals"]>;
  readonly observer: Observer;
}

const METRIC: Readonly<Record<Kept, Metric | undefined>> = {
  sent: undefined,
  parked: "ParkedLetters",
  lost: "LostLetters",
  expired: "ExpiredLetters",
  returned: "ReturnedLetters",
};

/**
 * Makes inputs of deadlines whose time has come and of letters that queues gave up on. A letter is believed only where its queue gave
 * it out.
 */
export function createRecoverer(ports: RecoveryPorts) {
  const { deadlines, inbox, clock, observer, prove, returnSoon } = ports;
  const filing = createFiling(ports);
  const reading = { digest: ports.stores.digest, tokens: ports.tokens };
  const watch = createWatchLetter(ports);
  const keep = createLetterKeeper({ ...ports, ...reading, filing, watch });

  const onDeadline = async ({ body }: SQSRecord): Promise<void> => {
    const { at, ...rest } = JSON.parse(body) as {
      readonly tenant: string;
      readonly session: string;
      readonly at: number;
    };
    const key = parseSessionKey(rest);
    // One that came early, by a clock that is ahead, is sent on until its time has come.
    if (at > clock.now()) return deadlines.arm(key, at);
    await inbox.send({ key, input: { kind: "deadline", at } });
  };

  const onLetter = async (record: SQSRecord): Promise<void> => {
    const queue = queueOf(record);
    const { messageId: id, body, attributes } = record;
    const cause = causeOf(record);
    const { SentTimestamp, SequenceNumber: sequence } = attributes;
    observer.count("Letters");
    const agent = agentOfDeadLetters(queue);
    if (agent !== undefined) observer.count(AgentMetric.agentLetters, 1, agent);
    const sentAt = Number(SentTimestamp);
    const kept = await keep({
      queue,
      id,
      body,
      sentAt,
      ...(sequence !== undefined && { sequence }),
      ...(cause !== undefined && { cause }),
    });
    const metric = METRIC[kept];
    if (metric !== undefined) observer.count(metric);
    if (kept !== "sent") observer.onTrouble(new Error(`It is ${kept}.`), `letter ${id} of ${queue}`);
  };

  const takeBatch = async (records: readonly SQSRecord[]): Promise<SQSBatchResponse> => {
    const failed = { deadlines: [] as string[], letters: [] as string[] };
    // A deadline says nothing that its session's state does not know.
    const letters = records.filter((record) => !isDeadlines(record));
    const unproven = letters.length === 0 ? new Set<SQSRecord>() : await prove(letters, "letters");
    for (const record of records) {
      if (unproven.has(record)) continue;
      const isDeadline = isDeadlines(record);
      try {
        await (isDeadline ? onDeadline(record) : onLetter(record));
      } catch (error) {
        observer.onTrouble(error, `message ${record.messageId} of ${queueOf(record)}`);
        failed[isDeadline ? "deadlines" : "letters"].push(record.messageId);
      }
    }
    await returnSoon(records, failed.deadlines, "deadlines");
    await returnSoon(records, failed.letters, "letters");
    const unbelieved = [...unproven].map(({ messageId }) => messageId);
    return batchResponse([...unbelieved, ...failed.deadlines, ...failed.letters]);
  };

  return ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, () => takeBatch(Records));
}

const isDeadlines = (record: SQSRecord): boolean => queueOf(record).endsWith(`-${QueueSuffix.deadlines}`);

/**
 * What the intake says of an event that it refused, or EventBridge of one that its rule could not deliver. Other queues' letters may
 * carry attributes of whoever sent them.
 */
function causeOf({ eventSourceARN, messageAttributes }: SQSRecord): string | undefined {
  if (!eventSourceARN.endsWith(`-${deadLetterName(QueueSuffix.intake)}`)) return undefined;
  const text = (name: string) => messageAttributes[name]?.stringValue;
  const undelivered = text("ERROR_CODE");
  if (undelivered === undefined) return text("cause");
  return `EventBridge could not deliver it: ${[undelivered, text("ERROR_MESSAGE")].filter(Boolean).join(": ")}`;
}
