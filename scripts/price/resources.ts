import type { Stack } from "#local/template/cloud-assembly.ts";
import { DAYS_A_MONTH, POLLERS, POLL_SECONDS, PRICES } from "./prices.ts";
import type { BillLine } from "./bill.ts";

/** CloudFormation's limit of a stack. */
const MOST_RESOURCES = 500;

/** Resource types in words, in the order of the table; others are named as CloudFormation names them. */
const WORDS: Readonly<Record<string, string>> = {
  "AWS::Lambda::Function": "Lambda functions",
  "AWS::Lambda::EventSourceMapping": "event source mappings, of queues and of the log's stream",
  "AWS::Lambda::Permission": "permissions to invoke them",
  "AWS::Lambda::Url": "function URL",
  "AWS::IAM::Role": "roles",
  "AWS::IAM::Policy": "their policies",
  "AWS::Logs::LogGroup": "log groups, kept for a month",
  "AWS::SQS::Queue": "SQS queues, dead-letter queues included",
  "AWS::SQS::QueuePolicy": "their policies",
  "AWS::Events::EventBus": "EventBridge buses",
  "AWS::Events::EventBusPolicy": "their policies",
  "AWS::Events::Rule": "rules",
  "AWS::DynamoDB::Table": "DynamoDB tables",
  "AWS::S3::Bucket": "S3 buckets",
  "AWS::S3::BucketPolicy": "their policies",
  "AWS::SecretsManager::Secret": "secret",
  "AWS::StepFunctions::StateMachine": "state machines",
  "AWS::CloudWatch::Alarm": "alarms ([operations.md](operations.md))",
  "AWS::CloudWatch::Dashboard": "dashboard",
  "AWS::SNS::Topic": "SNS topic for alarms",
  "AWS::SNS::TopicPolicy": "its policy",
  "AWS::KMS::Key": "KMS key, which encrypts the topic",
};

interface Queue {
  readonly fifo: boolean;
  readonly express: boolean;
}

const countOf = ({ resources }: Stack, type: string): number =>
  [...resources.values()].filter((resource) => resource.type === type).length;

/** Rows of what each stack creates: words, and a number for each stack. */
export function resourceRows(stacks: readonly Stack[]): readonly (readonly string[])[] {
  const types = new Set(stacks.flatMap(({ resources }) => [...resources.values()].map(({ type }) => type)));
  const order = [
    ...Object.keys(WORDS).filter((type) => types.has(type)),
    ...[...types].filter((type) => !(type in WORDS)).toSorted(),
  ];
  const row = (words: string, counts: readonly number[]) => [
    words,
    ...counts.map((count) => (count === 0 ? "" : String(count))),
  ];
  return [
    ...order.map((type) =>
      row(
        WORDS[type] ?? type,
        stacks.map((stack) => countOf(stack, type)),
      ),
    ),
    row(
      "**CloudFormation resources**",
      stacks.map(({ resources }) => resources.size),
    ),
  ];
}

/** How many agents more, each of as many resources as the stack of one agent has, fit into the first stack. */
export function roomFor([spine, agent]: readonly Stack[]): { readonly each: number; readonly more: number } {
  const each = agent?.resources.size ?? NaN;
  return { each, more: Math.floor((MOST_RESOURCES - (spine?.resources.size ?? NaN)) / each) };
}

/** What the stacks cost a month without any work. */
export function idleLines(stacks: readonly Stack[]): readonly BillLine[] {
  const queues = stacks.flatMap(polledQueues);
  const standard = queues.filter(({ fifo }) => !fifo).length;
  const fifo = queues.length - standard;
  const express = queues.filter((queue) => queue.express).length;
  const receives = (POLLERS * (60 / POLL_SECONDS) * 60 * 24 * DAYS_A_MONTH) / 1e6;
  const polled = (count: number, what: string, price: number): BillLine => ({
    item: `${count} ${what}`,
    arithmetic: `${count} × ${receives} M × $${price.toFixed(2)}`,
    usd: count * receives * price,
  });
  const times = (count: number, what: string, price: number): readonly BillLine[] => {
    const line = { item: what, arithmetic: `${count} × $${price.toFixed(2)}`, usd: count * price };
    return count === 0 ? [] : [line];
  };
  const each = (type: string, what: string, price: number): readonly BillLine[] =>
    times(
      stacks.reduce((sum, stack) => sum + countOf(stack, type), 0),
      what,
      price,
    );
  return [
    polled(standard, "standard queues", PRICES.sqsStandard),
    polled(express, "FIFO queues of express lanes and their dead letters", PRICES.sqsFifo),
    polled(fifo - express, "other FIFO queues", PRICES.sqsFifo),
    ...each("AWS::SecretsManager::Secret", "secret", PRICES.secret),
    ...times(stacks.flatMap(watchedMetrics).length, "metrics that alarms evaluate", PRICES.alarm),
    ...each("AWS::CloudWatch::Dashboard", "dashboards", PRICES.dashboard),
    ...each("AWS::KMS::Key", "keys", PRICES.key),
  ];
}

/** What the alarms of a stack look at: an expression's metrics are billed each, it is not. */
function watchedMetrics({ resources }: Stack): readonly unknown[] {
  return [...resources.values()].flatMap(({ type, properties }) => {
    if (type !== "AWS::CloudWatch::Alarm") return [];
    const queries = (properties["Metrics"] ?? [{ MetricStat: {} }]) as readonly object[];
    return queries.filter((query) => "MetricStat" in query);
  });
}

/** The queues that Lambda polls: of every mapping but the stream's. */
function polledQueues({ resources }: Stack): readonly Queue[] {
  return [...resources.values()].flatMap(({ type, properties }) => {
    if (type !== "AWS::Lambda::EventSourceMapping") return [];
    const source = properties["EventSourceArn"] as { readonly "Fn::GetAtt"?: readonly [string, string] };
    const queue = resources.get(source["Fn::GetAtt"]?.[0] ?? "");
    if (queue?.type !== "AWS::SQS::Queue") return [];
    const name = JSON.stringify(queue.properties["QueueName"]);
    return [{ fifo: queue.properties["FifoQueue"] === true, express: name.includes("-express") }];
  });
}
