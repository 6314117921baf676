import type { SQSClient } from "@aws-sdk/client-sqs";
import { QueueSuffix } from "#aws/names.ts";
import type { Observer } from "#aws/observe/observe.ts";
import { trySendMessages } from "#aws/sqs/sqs-send.ts";
import type { CommitPlace } from "#ports/queues.ts";

export interface KeepPlacesOptions {
  readonly client: SQSClient;
  readonly queuePrefix: string;
  readonly onTrouble: Observer["onTrouble"];
}

/** What failed a moment ago would fail again now. */
const RETRY_SECONDS = 2;

/** Puts the places of commits that are not done into the relay's retry queue; gives back those that it did not take. */
export function createKeepPlaces({ client, queuePrefix, onTrouble }: KeepPlacesOptions) {
  return async (places: readonly CommitPlace[]): Promise<readonly CommitPlace[]> => {
    const sends = places.map((place) => ({
      place,
      message: {
        queueUrl: queuePrefix + QueueSuffix.relayRetries,
        body: JSON.stringify(place),
        delaySeconds: RETRY_SECONDS,
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
  };
}
