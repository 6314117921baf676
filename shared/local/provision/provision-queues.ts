import { randomUUID } from "node:crypto";
import { createQueue, type Queue } from "#memory/queue/queue.ts";
import { parsePolicy } from "../iam/iam-policy.ts";
import { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { lastPart, type Site } from "./site.ts";

/** A queue, and before it the dead-letter queue that it names. */
export function provisionQueue(resource: Resource, site: Site): Queue {
  const arn = resource.identity.attributes["Arn"] ?? "";
  const known = site.queues.byArn(arn);
  if (known !== undefined) return known.queue;
  const properties = resource.properties();
  const fifo = properties.flag("FifoQueue");
  const seconds = (name: string) => {
    const value = properties.optionalNumber(name);
    return value === undefined ? undefined : value * 1_000;
  };
  const redrive = redriveOf(properties.raw("RedrivePolicy"), resource.path, site);
  properties.withoutLocalMeaning({
    QueueName: "it is part of the queue's identity",
    FifoThroughputLimit: "no quota of throughput is modelled",
    SqsManagedSseEnabled: "nothing is stored that could be encrypted",
    KmsMasterKeyId: "nothing is stored that could be encrypted",
    KmsDataKeyReusePeriodSeconds: "nothing is stored that could be encrypted",
    ReceiveMessageWaitTimeSeconds: "pollers do not poll, and callers say how long they wait",
    RedriveAllowPolicy: "it only narrows which queues may send their dead letters here",
    Tags: "there is no billing here",
  });
  const visibilityTimeoutMs = seconds("VisibilityTimeout");
  const delayMs = seconds("DelaySeconds");
  const retentionMs = seconds("MessageRetentionPeriod");
  const maxMessageBytes = properties.optionalNumber("MaximumMessageSize");
  const deduplicationScope = properties.only("DeduplicationScope", "queue", "messageGroup");
  const queue = createQueue({
    name: lastPart(arn),
    fifo,
    contentBasedDeduplication: properties.flag("ContentBasedDeduplication"),
    newMessageId: () => randomUUID(),
    ...(deduplicationScope !== undefined && { deduplicationScope }),
    ...(visibilityTimeoutMs !== undefined && { visibilityTimeoutMs }),
    ...(delayMs !== undefined && { delayMs }),
    ...(retentionMs !== undefined && { retentionMs }),
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    ...redrive,
  });
  properties.done();
  site.queues.add(queue, arn);
  return queue;
}

function redriveOf(value: unknown, path: string, site: Site) {
  if (value === undefined) return {};
  const policy = new Properties(`${path}.RedrivePolicy`, value);
  const target = policy.text("deadLetterTargetArn");
  const maxReceiveCount = policy.number("maxReceiveCount");
  policy.done();
  const resource = site.template.resources.find(({ identity }) => identity.attributes["Arn"] === target);
  if (resource === undefined)
    throw new Error(`${path}: its dead-letter queue ${target} is not in the template.`);
  return { maxReceiveCount, deadLetterQueue: provisionQueue(resource, site) };
}

export function provisionQueuePolicy(resource: Resource, { access, queues }: Site): void {
  const properties = resource.properties();
  const policy = parsePolicy(properties.raw("PolicyDocument"), resource.path, "resource");
  for (const url of properties.texts("Queues")) {
    const hosted = queues.byName(lastPart(url, "/"));
    if (hosted === undefined)
      throw new Error(`${resource.path} is for ${url}, which is not a queue of the template.`);
    access.setResourcePolicy(hosted.arn, policy);
  }
  properties.done();
}
