import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { AgentMetric } from "#aws/observe/metrics.ts";
import { agentOfDeadLetters, deadLetterName, QueueSuffix } from "#aws/names.ts";
import type { Metric, Observer } from "#aws/observe/observe.ts";
import type { ProveReceived } from "#aws/sqs/sqs-proof.ts";
import { batchResponse, queueOf } from "#aws/sqs/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
import type { Executions } from "#ports/clock.ts";
import type { ArrivedLetter, Kept } from "#runtime/letters/create-letter-keeper.ts";
import { createRecovery, type RecoveryPorts } from "#runtime/letters/create-recovery.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import { createWatchLetter } from "#runtime/letters/watch.ts";

export interface RecovererPorts extends Omit<
  RecoveryPorts,
  "digest" | "filing" | "watch" | "onKept" | "onTrouble"
> {
  readonly executions: Executions;
  readonly prove: ProveReceived;
  readonly returnSoon: ReturnSoon;
  readonly observer: Observer;
}

const METRIC: Readonly<Record<Kept, Metric | undefined>> = {
  sent: undefined,
  parked: "ParkedLetters",
  lost: "LostLetters",
  expired: "ExpiredLetters",
  returned: "ReturnedLetters",
};

/** Recovery over the records of its queues. A letter is believed only where its queue gave it out. */
export function createRecoverer(ports: RecovererPorts) {
  const { observer, prove, returnSoon } = ports;
  const { onTrouble } = observer;
  const recovery = createRecovery({
    ...ports,
    digest: ports.stores.digest,
    filing: createFiling(ports),
    watch: createWatchLetter(ports),
    onTrouble,
    onKept: ({ id, queue }, kept) => {
      const metric = METRIC[kept];
      if (metric !== undefined) observer.count(metric);
      if (kept !== "sent") onTrouble(new Error(`It is ${kept}.`), `letter ${id} of ${queue}`);
    },
  });

  const noteLetters = (records: readonly SQSRecord[]): void => {
    for (const record of records) {
      observer.count("Letters");
      const agent = agentOfDeadLetters(queueOf(record));
      if (agent !== undefined) observer.count(AgentMetric.agentLetters, 1, agent);
    }
  };

  const takeBatch = async (records: readonly SQSRecord[]): Promise<SQSBatchResponse> => {
    const deadlines = records.filter(isDeadline);
    const letters = records.filter((record) => !isDeadline(record));
    // A deadline says nothing that its session's state does not know.
    const unproven = letters.length === 0 ? new Set<SQSRecord>() : await prove(letters, "letters");
    const proven = letters.filter((record) => !unproven.has(record));
    noteLetters(proven);
    const failed = {
      deadlines: await recovery.deadlines(deadlines.map(({ messageId: id, body }) => ({ id, body }))),
      letters: await recovery.letters(proven.map(toLetter)),
    };
    await returnSoon(records, failed.deadlines, "deadlines");
    await returnSoon(records, failed.letters, "letters");
    const unbelieved = [...unproven].map(({ messageId }) => messageId);
    return batchResponse([...unbelieved, ...failed.deadlines, ...failed.letters]);
  };

  return ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, () => takeBatch(Records));
}

const isDeadline = (record: SQSRecord): boolean => queueOf(record).endsWith(`-${QueueSuffix.deadlines}`);

function toLetter(record: SQSRecord): ArrivedLetter {
  const { messageId: id, body, attributes } = record;
  const { SentTimestamp: sentAt, SequenceNumber: sequence } = attributes;
  const cause = causeOf(record);
  return {
    queue: queueOf(record),
    id,
    body,
    sentAt: Number(sentAt),
    ...(sequence !== undefined && { sequence }),
    ...(cause !== undefined && { cause }),
  };
}

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
