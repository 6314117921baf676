import { knownDimensionsOf, METRICS_NAMESPACE } from "#aws/observe/metrics.ts";
import { agentQueueSuffix, FunctionSuffix, functionName, queueName } from "#aws/names.ts";
import { metricText, type MetricKey } from "./metric-key.ts";

/** What there is in the cloud that a dimension may name. */
export interface Named {
  hasQueue(name: string): boolean;
  hasFunction(name: string): boolean;
  /** A function that reads a stream: only those have an iterator age. */
  readsStream(name: string): boolean;
  hasUrl(functionName: string): boolean;
  hasTable(name: string): boolean;
  hasMachine(arn: string): boolean;
  /** `bus` is missing for the default bus. */
  hasRule(rule: string, bus: string | undefined): boolean;
}

type Dimensions = Readonly<Record<string, string>>;
interface Family {
  /** Names of the dimensions, all of them. */
  readonly dimensions: readonly string[];
  readonly names: readonly string[];
  exists(dimensions: Dimensions, named: Named, metric: string): boolean;
}

const of = (name: string) => (dimensions: Dimensions) => dimensions[name] ?? "";
const RULE_METRICS = [
  "Invocations",
  "FailedInvocations",
  "InvocationsSentToDlq",
  "InvocationsFailedToBeSentToDlq",
];

/** The metrics of AWS's services that are kept here, under the very dimensions by which AWS writes them. */
const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
  "AWS/SQS": [
    {
      dimensions: ["QueueName"],
      names: [
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
      exists: (dimensions, named) => named.hasQueue(of("QueueName")(dimensions)),
    },
  ],
  "AWS/Lambda": [
    {
      dimensions: ["FunctionName"],
      names: ["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"],
      exists: (dimensions, named) => named.hasFunction(of("FunctionName")(dimensions)),
    },
    {
      dimensions: ["FunctionName"],
      names: ["IteratorAge"],
      exists: (dimensions, named) => named.readsStream(of("FunctionName")(dimensions)),
    },
    {
      dimensions: ["FunctionName"],
      names: ["UrlRequestCount", "Url4xxCount", "Url5xxCount", "UrlRequestLatency"],
      exists: (dimensions, named) => named.hasUrl(of("FunctionName")(dimensions)),
    },
  ],
  "AWS/DynamoDB": [
    {
      dimensions: ["TableName"],
      names: ["ReadThrottleEvents", "WriteThrottleEvents"],
      exists: (dimensions, named) => named.hasTable(of("TableName")(dimensions)),
    },
    {
      dimensions: ["TableName", "Operation"],
      names: ["ThrottledRequests"],
      exists: (dimensions, named) => named.hasTable(of("TableName")(dimensions)),
    },
  ],
  "AWS/States": [
    {
      dimensions: ["StateMachineArn"],
      names: ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"],
      exists: (dimensions, named) => named.hasMachine(of("StateMachineArn")(dimensions)),
    },
  ],
  "AWS/Events": [
    {
      dimensions: ["EventBusName", "RuleName"],
      names: RULE_METRICS,
      exists: ({ EventBusName, RuleName = "" }, named) =>
        EventBusName !== undefined && named.hasRule(RuleName, EventBusName),
    },
    {
      dimensions: ["RuleName"],
      names: RULE_METRICS,
      exists: ({ RuleName = "" }, named) => named.hasRule(RuleName, undefined),
    },
  ],
};

/** Throws where a metric is none that anything here or on AWS would ever write: whatever looks at it would see nothing. */
export function requireKnownMetric(key: MetricKey, named: Named, owner: string): void {
  const problem = key.namespace === METRICS_NAMESPACE ? problemOfOurs(key, named) : problemOfAws(key, named);
  if (problem !== undefined) throw new Error(`${owner} uses ${metricText(key)}: ${problem}.`);
}

const sameNames = (names: readonly string[], dimensions: Dimensions): boolean =>
  [...names].sort().join() === Object.keys(dimensions).sort().join();

function problemOfAws(key: MetricKey, named: Named): string | undefined {
  const families = FAMILIES[key.namespace];
  if (families === undefined) return "the local runtime keeps no metrics of this namespace";
  const having = families.filter(({ names }) => names.includes(key.name));
  if (having.length === 0) return "the local runtime keeps no metric of this name";
  const family = having.find(({ dimensions }) => sameNames(dimensions, key.dimensions));
  if (family === undefined)
    return `its dimensions are ${having.map(({ dimensions }) => dimensions.join(" and ")).join(", or ")}`;
  return family.exists(key.dimensions, named, key.name) ? undefined : "the template has no such resource";
}

/** One of our functions': its name has one set of dimensions, and these name a spine that is here. */
function problemOfOurs({ name, dimensions }: MetricKey, named: Named): string | undefined {
  const names = knownDimensionsOf(name);
  if (names === undefined) return "no function counts it";
  if (!sameNames(names, dimensions)) return `its dimensions are ${names.join(" and ")}`;
  const { service, spine, agent } = dimensions;
  if (service !== undefined) return named.hasFunction(service) ? undefined : "no function has this name";
  if (spine === undefined || !named.hasFunction(functionName(spine, FunctionSuffix.coordinator)))
    return "no spine has this name";
  if (agent === undefined || named.hasQueue(queueName(spine, agentQueueSuffix(agent, "normal"))))
    return undefined;
  return "no agent has this name";
}
