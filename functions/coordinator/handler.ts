import { application } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { createLazyReturns } from "#aws/lazy-adapters.ts";
import { createSqsProof } from "#aws/sqs/sqs-proof.ts";
import { createSqsRefusals } from "#aws/sqs/sqs-refusals.ts";
import { originsOf } from "#core/condition-origins.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { createReceiver } from "./receive.ts";

const { engine, observer, queues } = createAwsEngine("coordinator", application, { originsOf });

/** Fed by the inbox and the answers queue, each with partial batch responses. */
export const handler = createReceiver({
  coordinator: createCoordinator(
    { ...engine, cache: createSessionCache(engine) },
    { refuse: createSqsRefusals(queues) },
  ),
  prove: createSqsProof({ ...queues, observer }),
  observer,
  returnSoon: createLazyReturns(queues.queuePrefix, observer.onTrouble),
});
