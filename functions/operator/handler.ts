import { createAwsLetters } from "#aws/aws-letters.ts";
import { callersAt } from "#aws/lambda/callers.ts";
import { readListEnv } from "#aws/config.ts";
import { createDynamoAgentRecords } from "#aws/dynamo/dynamo-agent-records.ts";
import { createDynamoCommitScan } from "#aws/dynamo/dynamo-commit-scan.ts";
import { createSqsAnswerQueue } from "#aws/sqs/sqs-answer-queue.ts";
import { createSqsDepths } from "#aws/sqs/sqs-depths.ts";
import { createSqsInbox } from "#aws/sqs/sqs-inbox.ts";
import { createSqsWaysBack } from "#aws/sqs/sqs-ways-back.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { createOperations } from "./operations.ts";

const { ports, dynamo, table, queues, ids } = createAwsLetters("operator");
const agents = readListEnv("agents");

/** Asked by operators at its URL (IAM), and by the executions that watch letters. No queue and no stream feeds it. */
export const handler = createOperations({
  ...ports,
  again: {
    inbox: createSqsInbox({ ...queues, ids, again: true }),
    answers: createSqsAnswerQueue({ ...queues, again: ids }),
    waysBack: createSqsWaysBack({ ...queues, ids }),
  },
  tenants: createTenants(callersAt(new URL(".", import.meta.url))),
  health: createHealthReport({
    agents,
    records: createDynamoAgentRecords({ client: dynamo, table, clock: ports.clock }),
    depths: createSqsDepths({ ...queues, agents }),
    clock: ports.clock,
  }),
  scan: createDynamoCommitScan({ client: dynamo, table }),
});
