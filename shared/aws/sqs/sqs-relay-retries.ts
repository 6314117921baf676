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
  async keep(places, delaySeconds) {
    const sends = places.map((place) => ({
      place,
      message: {
        queueUrl: queuePrefix + QueueSuffix.relayRetries,
        body: JSON.stringify(place),
        delaySeconds,
      },
    }));
    const failed = await trySendMessages(
      client,
      sends.map(({ message }) => message),
    );
    const [first] = failed;
    if (first !== undefined) onTrouble(new Error(first.reason), `putting ${failed.length} commits aside`);
    const lost = new Set(failed.map(({ message }) => message));
    return sends.flatMap(({ place, message }) => (lost.has(message) ? [place] : []));
  },
});
