import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ContractSpec } from "#core/contract.ts";
import { AgentMetric, FunctionMetric, SpineMetric } from "#aws/observe/metrics.ts";
import { agentFunctionName, agentQueueSuffix } from "#aws/names.ts";
import { ALARM_PERIOD } from "./alarm.ts";
import {
  ageOf,
  agentMetric,
  errorsOf,
  functionMetric,
  iteratorAgeOf,
  spineMetric,
  tableThrottlesOf,
  throttlesOf,
} from "./spine-metrics.ts";
import type { SessionLogTable } from "./session-log-table.ts";
import type { SpineFunction } from "./spine-function.ts";
import type { SpineQueue } from "./spine-queue.ts";
import { SpineNames } from "./spine.ts";

const { SUM, MAXIMUM, percentile } = cloudwatch.Stats;
/** CloudWatch's grid has 24 columns: two graphs a row. */
const WIDTH = 12;
const HEIGHT = 6;
/** What CloudWatch shows in one widget. */
const MOST_ALARMS = 100;

export interface SpineDashboardProps {
  readonly prefix: string;
  readonly alarms: readonly cloudwatch.IAlarm[];
  /** The spine's own functions, by what convention calls them. */
  readonly functions: Readonly<Record<string, SpineFunction | undefined>>;
  readonly ingress: SpineFunction;
  readonly relay: SpineFunction;
  readonly recovery: SpineFunction;
  readonly queues: readonly SpineQueue[];
  readonly log: SessionLogTable;
  /** All agents of the application, whichever stack hosts them. */
  readonly agents: readonly Pick<ContractSpec, "name" | "group">[];
}

/**
 * Answers an operator's first questions, from top to bottom: ringing alarms, service to callers, waiting messages, and failing
 * agents.
 */
export class SpineDashboard extends Construct {
  readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: SpineDashboardProps) {
    super(scope, id);
    this.dashboard = new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: props.prefix,
      defaultInterval: Duration.hours(3),
    });
    for (let at = 0; at < props.alarms.length; at += MOST_ALARMS) {
      this.dashboard.addWidgets(
        new cloudwatch.AlarmStatusWidget({
          title: "Which alarms ring? (docs/operations.md)",
          alarms: props.alarms.slice(at, at + MOST_ALARMS),
          width: 2 * WIDTH,
          height: HEIGHT,
        }),
      );
    }
    this.dashboard.addWidgets(...callers(props));
    this.dashboard.addWidgets(...waiting(props));
    this.dashboard.addWidgets(...agentsOf(this, props));
    this.dashboard.addWidgets(...letters(props));
    this.dashboard.addWidgets(...limits(props));
  }
}

const graph = (
  title: string,
  left: readonly cloudwatch.IMetric[],
  right: readonly cloudwatch.IMetric[] = [],
) => new cloudwatch.GraphWidget({ title, left: [...left], right: [...right], width: WIDTH, height: HEIGHT });

const named = (metric: cloudwatch.Metric, label: string): cloudwatch.Metric => metric.with({ label });

const own = (functions: SpineDashboardProps["functions"]): readonly (readonly [string, SpineFunction])[] =>
  Object.entries(functions).flatMap(([name, made]) => (made === undefined ? [] : [[name, made] as const]));

function callers({ ingress, functions }: SpineDashboardProps): cloudwatch.GraphWidget[] {
  const url = (metricName: string, statistic: string, label: string) =>
    ingress.function.metric(metricName, { statistic, period: ALARM_PERIOD, label });
  return [
    graph(
      "Are callers served?",
      [
        url("UrlRequestCount", SUM, "requests"),
        url("Url4xxCount", SUM, "refused"),
        url("Url5xxCount", SUM, "failed"),
      ],
      [
        url("UrlRequestLatency", percentile(50), "p50 ms"),
        url("UrlRequestLatency", percentile(99), "p99 ms"),
      ],
    ),
    graph(
      "Do sessions make progress?",
      own(functions).map(([name, made]) =>
        named(functionMetric(made.function.functionName, FunctionMetric.commits), `commits of ${name}`),
      ),
    ),
  ];
}

function waiting({ queues, relay }: SpineDashboardProps): cloudwatch.GraphWidget[] {
  return [
    graph(
      "What waits, and how long?",
      queues.map((queue) => named(ageOf(queue.queue), `s in ${queue.node.id}`)),
    ),
    graph("How far behind is the relay?", [named(iteratorAgeOf(relay.function), "ms behind the log")]),
  ];
}

function agentsOf(scope: Construct, { prefix, agents }: SpineDashboardProps): cloudwatch.GraphWidget[] {
  const names = new SpineNames(scope, prefix);
  const hosts = [...new Set(agents.map(({ name, group = name }) => group))].map((name) => {
    const arn = names.namedFunctionArn(agentFunctionName(prefix, name));
    return { name, host: lambda.Function.fromFunctionArn(scope, `Host-${name}`, arn) };
  });
  const queues = agents.map(({ name }) => {
    const arn = names.queueArn(agentQueueSuffix(name, "normal"));
    return { name, queue: sqs.Queue.fromQueueArn(scope, `Queue-${name}`, arn) };
  });
  return [
    graph(
      "Which agent fails?",
      [
        ...hosts.map(({ name, host }) => named(errorsOf(host), `${name} crashed`)),
        ...agents.map(({ name }) =>
          named(agentMetric(prefix, name, AgentMetric.agentLetters), `${name} gave up`),
        ),
      ],
      [named(spineMetric(prefix, SpineMetric.breakersOpened), "breakers opened")],
    ),
    graph(
      "Which agent is slow?",
      hosts.map(({ name, host }) =>
        host.metricDuration({ statistic: percentile(90), period: ALARM_PERIOD, label: `${name} p90 ms` }),
      ),
      queues.map(({ name, queue }) => named(ageOf(queue), `s a task of ${name} waits`)),
    ),
  ];
}

function letters({ prefix, recovery, functions }: SpineDashboardProps): cloudwatch.GraphWidget[] {
  const { parkedLetters, lostLetters, messagesReturned, budgetStops, uncompensatedRuns } = SpineMetric;
  return [
    graph("What becomes a dead letter?", [
      named(functionMetric(recovery.function.functionName, FunctionMetric.letters), "all"),
      named(spineMetric(prefix, parkedLetters), "parked"),
      named(spineMetric(prefix, lostLetters), "lost"),
    ]),
    graph(
      "What goes wrong?",
      [
        ...own(functions).map(([name, made]) => named(errorsOf(made.function), `${name} crashed`)),
        named(spineMetric(prefix, messagesReturned), "messages returned"),
      ],
      [
        named(spineMetric(prefix, budgetStops), "budget stops"),
        named(spineMetric(prefix, uncompensatedRuns), "not undone"),
      ],
    ),
  ];
}

function limits({ functions, log }: SpineDashboardProps): cloudwatch.GraphWidget[] {
  return [
    graph(
      "What is throttled?",
      own(functions).map(([name, made]) => named(throttlesOf(made.function), `${name} throttled`)),
      [
        named(tableThrottlesOf(log.table, "ReadThrottleEvents"), "reads of the log"),
        named(tableThrottlesOf(log.table, "WriteThrottleEvents"), "writes of the log"),
      ],
    ),
    graph(
      "How much runs at once?",
      own(functions).map(([name, made]) =>
        made.function.metric("ConcurrentExecutions", {
          statistic: MAXIMUM,
          period: ALARM_PERIOD,
          label: name,
        }),
      ),
    ),
  ];
}
