import type { SQSClient } from "@aws-sdk/client-sqs";
import type { RelayRetries } from "#ports/queues.ts";
import { QueueSuffix } from "../names.ts";
import type { Observer } from "../observe/observe.ts";
import { trySendMessages } from "./sqs-send.ts";

export interface RelayRetriesOptions {
  readonly client: SQSClient;
  readonly queuePrefix: string;
  readonly onTrouble: Observer["onTrouble"];
}

/** The relay's retry queue, a standard queue. */
export const createSqsRelayRetries = ({
  client,
  queuePrefix,
  onTrouble,
}: RelayRetriesOptions): RelayRetries => ({
  async keep(refs, delaySeconds) {
    const sends = refs.map((ref) => ({
      ref,
      message: {
        queueUrl: queuePrefix + QueueSuffix.relayRetries,
        body: JSON.stringify(ref),
        delaySeconds,
      },
    }));
    const failed = await trySendMessages(
      client,
      sends.map(({ message }) => message),
    );
    const [first] = failed;
    if (first !== undefined)
      onTrouble(new Error(first.reason), `sending ${failed.length} commits to the retry queue`);
    const lost = new Set(failed.map(({ message }) => message));
    return sends.flatMap(({ ref, message }) => (lost.has(message) ? [ref] : []));
  },
});
