import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { OrderedSubscriptions } from "#ports/publish.ts";
import { advanceText } from "./advance-detail.ts";
import { subscriptionQueueSuffix } from "./names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";

/** SQS takes 1 MiB. */
const MAX_BODY_BYTES = 1_000_000;

/** Ordered subscriptions on a FIFO queue each, grouped by session; the body carries `first` and `last`. */
export function createSqsSubscriptions({
  client,
  queuePrefix,
  digest,
  names,
}: SqsOptions & { readonly names: readonly string[] }): OrderedSubscriptions {
  return {
    async deliver(advance) {
      if (names.length === 0) return;
      const body = advanceText(advance, MAX_BODY_BYTES);
      // An advance is made from a commit, whose key was parsed.
      const text = sessionKeyText(advance as unknown as SessionKey);
      await sendMessages(
        client,
        names.map((name) => ({
          queueUrl: queuePrefix + subscriptionQueueSuffix(name),
          body,
          groupId: digest.sha256(text),
          deduplicationId: digest.sha256(`${text}/${advance.first}`),
        })),
      );
    },
  };
}
