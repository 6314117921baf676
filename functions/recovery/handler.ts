import { createAwsLetters } from "#aws/aws-letters.ts";
import { createLazyReturns } from "#aws/lazy-adapters.ts";
import { createSqsDeadlines } from "#aws/sqs/sqs-deadlines.ts";
import { createSqsProof } from "#aws/sqs/sqs-proof.ts";
import { createRecoverer } from "./recover.ts";

const { ports, queues } = createAwsLetters("recovery");
const { clock, observer } = ports;

/** Fed by the deadlines queue and by every dead-letter queue, and called by nobody else. */
export const handler = createRecoverer({
  ...ports,
  prove: createSqsProof({ ...queues, observer }),
  deadlines: createSqsDeadlines({ ...queues, clock }),
  returnSoon: createLazyReturns(queues.queuePrefix, observer.onTrouble),
});
