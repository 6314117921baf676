import type { Ids } from "#ports/clock.ts";
import type { WaysBack } from "#ports/queues.ts";
import { QueueSuffix } from "../names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";

/** The intake and the relay's retries: standard queues, so all that is sent is delivered. */
export function createSqsWaysBack({
  client,
  queuePrefix,
  ids,
}: Pick<SqsOptions, "client" | "queuePrefix"> & { readonly ids: Ids }): WaysBack {
  return {
    // The inbox, to which it goes on, must deliver what it delivered minutes ago.
    toIntake: (body) =>
      sendMessages(client, [{ queueUrl: queuePrefix + QueueSuffix.intake, body, redrive: ids.next() }]),
    toRelay: (refs) =>
      sendMessages(
        client,
        refs.map((ref) => ({
          queueUrl: queuePrefix + QueueSuffix.relayRetries,
          body: JSON.stringify(ref),
        })),
      ),
  };
}
