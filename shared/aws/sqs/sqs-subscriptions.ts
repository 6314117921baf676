import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { OrderedSubscriptions } from "#ports/publish.ts";
import { advanceText } from "../eventbridge/advance-detail.ts";
import { subscriptionQueueSuffix } from "../names.ts";
import { sendOf, type SqsOptions } from "./sqs-dispatch.ts";

/** SQS takes 1 MiB. */
const MAX_BODY_BYTES = 1_000_000;

/** Ordered subscriptions on a FIFO queue each, grouped by session; the body carries `first` and `last`. */
export function createSqsSubscriptions(
  options: SqsOptions & { readonly names: readonly string[] },
): OrderedSubscriptions {
  const { queuePrefix, digest, names } = options;
  const send = sendOf(options);
  return {
    names,
    deliver: (name, advance) => {
      // An advance is made from a commit, whose key was parsed.
      const text = sessionKeyText(advance as unknown as SessionKey);
      return send([
        {
          queueUrl: queuePrefix + subscriptionQueueSuffix(name),
          body: advanceText(advance, MAX_BODY_BYTES),
          groupId: digest.sha256(text),
          deduplicationId: digest.sha256(`${text}/${advance.first}`),
        },
      ]);
    },
  };
}
