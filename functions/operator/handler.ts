import { createAwsLetters } from "#aws/aws-letters.ts";
import { DEFAULT_PREFIX, DEFAULT_TENANT } from "#aws/names.ts";
import { callersAt } from "#aws/lambda/callers.ts";
import { readHostedAgents, readOptionalEnv, readTenantInFlight } from "#aws/config.ts";
import { createDynamoAgentRecords } from "#aws/dynamo/dynamo-agent-records.ts";
import { createDynamoCommitScan } from "#aws/dynamo/dynamo-commit-scan.ts";
import { createDynamoQuotaBuckets } from "#aws/dynamo/dynamo-quota-buckets.ts";
import { readQuotas } from "#aws/given-to-tenants.ts";
import { createLazyMonitoring } from "#aws/lazy-adapters.ts";
import { spineOf } from "#aws/observe/metrics.ts";
import { readWaits } from "#aws/read-waits.ts";
import { createSqsAnswerQueue } from "#aws/sqs/sqs-answer-queue.ts";
import { createSqsDepths } from "#aws/sqs/sqs-depths.ts";
import { createSqsInbox } from "#aws/sqs/sqs-inbox.ts";
import { createSqsWaysBack } from "#aws/sqs/sqs-ways-back.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { parseTenantId } from "#core/ids.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { createLimitsReport } from "#runtime/health/create-limits-report.ts";
import { createOperations } from "./operations.ts";

const SERVICE = "operator";
const { ports, dynamo, table, queues, ids } = createAwsLetters(SERVICE);
const { clock, observer } = ports;
const agents = readHostedAgents();
const prefix = spineOf(process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? "", SERVICE) ?? DEFAULT_PREFIX;
const callers = callersAt(new URL(".", import.meta.url));
const tasksInFlight = readTenantInFlight();
const [waits, streams] = [readOptionalEnv("waits"), readOptionalEnv("streams")];

/** Asked by operators at its URL (IAM), and by the executions that watch letters. No queue and no stream feeds it. */
export const handler = createOperations({
  ...ports,
  again: {
    inbox: createSqsInbox({ ...queues, ids, again: true }),
    answers: createSqsAnswerQueue({ ...queues, again: ids }),
    waysBack: createSqsWaysBack({ ...queues, ids }),
  },
  tenants: createTenants(callers),
  health: createHealthReport({
    agents,
    records: createDynamoAgentRecords({ client: dynamo, table, clock }),
    depths: createSqsDepths({ ...queues, agents: agents.map(({ agent }) => agent) }),
    monitoring: createLazyMonitoring(prefix, clock),
    clock,
    onTrouble: observer.onTrouble,
  }),
  limits: createLimitsReport({
    quotas: readQuotas(readOptionalEnv("quotas") ?? "{}"),
    bounds: {
      ...(tasksInFlight !== undefined && { tasksInFlight }),
      ...(waits !== undefined && { waits: readWaits(waits) }),
      ...(streams !== undefined && { streams: readWaits(streams, "STREAMS") }),
    },
    ...(callers.tenants === undefined && { only: parseTenantId(DEFAULT_TENANT) }),
    buckets: createDynamoQuotaBuckets(dynamo, table),
    clock,
  }),
  scan: createDynamoCommitScan({ client: dynamo, table }),
});
