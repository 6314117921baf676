import type { Caller } from "../iam/access.ts";
import { parsePolicy } from "../iam/iam-policy.ts";
import { readAlarm, type AlarmDefinition } from "../metrics/alarm-definition.ts";
import { requireKnownMetric } from "../metrics/known-metrics.ts";
import type { Resource } from "../template/template.ts";
import { namedIn } from "./named.ts";
import { OWN_KEY_OF_SNS, type LocalTopic } from "../sns/sns-endpoint.ts";
import type { Site } from "./site.ts";

/** An alarm that looks at what something here, and on AWS, writes, and tells topics that CloudWatch may publish to. */
export function provisionAlarm(resource: Resource, site: Site): void {
  const alarm = readAlarm(resource.properties());
  for (const { key } of alarm.metrics.values()) requireKnownMetric(key, namedIn(site), resource.path);
  for (const arn of alarm.actions) requireTellable(arn, alarm, resource, site);
  site.monitor.add(alarm);
}

/** A topic, and the key that encrypts it, each let CloudWatch in by their own policies; otherwise nobody hears the alarm. */
function requireTellable(
  arn: string,
  { name }: AlarmDefinition,
  { path }: Resource,
  { topics, access, addresses }: Site,
): void {
  const topic = topics.get(arn);
  if (topic === undefined) throw new Error(`${path} notifies ${arn}, which is not a topic of the template.`);
  if (topic.keyArn === OWN_KEY_OF_SNS)
    throw new Error(`${path} notifies ${arn}, whose key of AWS's own does not allow access by CloudWatch.`);
  const cloudwatch: Caller = { name, principal: { type: "service", name: "cloudwatch.amazonaws.com" } };
  const context = {
    "aws:SourceArn": `arn:aws:cloudwatch:${addresses.region}:${addresses.account}:alarm:${name}`,
    "aws:SourceAccount": addresses.account,
  };
  const needs = [
    ["sns:Publish", arn],
    ...(topic.keyArn === undefined
      ? []
      : [
          ["kms:Decrypt", topic.keyArn],
          ["kms:GenerateDataKey", topic.keyArn],
        ]),
  ] as const;
  for (const [action, resource] of needs) {
    if (!access.isAllowed(cloudwatch, action ?? "", resource ?? "", context))
      throw new Error(`${path} notifies ${arn}, but no policy allows CloudWatch ${action} on ${resource}.`);
  }
}

export function provisionTopic(resource: Resource, { topics }: Site): void {
  const properties = resource.properties();
  const arn = resource.identity.ref;
  const keyArn = properties.optionalText("KmsMasterKeyId");
  if (keyArn?.startsWith("alias/") === true && keyArn !== OWN_KEY_OF_SNS)
    throw new Error(`${resource.path}: a topic's key is ${OWN_KEY_OF_SNS} or named by its ARN here.`);
  properties.withoutLocalMeaning({
    TopicName: "it is part of the topic's identity",
    DisplayName: "for people",
    Tags: "there is no billing here",
  });
  properties.done();
  const topic: LocalTopic = { arn, keyArn };
  topics.set(arn, topic);
}

export function provisionTopicPolicy(resource: Resource, { access, topics }: Site): void {
  const properties = resource.properties();
  const policy = parsePolicy(properties.raw("PolicyDocument"), resource.path, "resource");
  for (const arn of properties.texts("Topics")) {
    if (!topics.has(arn))
      throw new Error(`${resource.path} is for ${arn}, which is not a topic of the template.`);
    access.setResourcePolicy(arn, policy);
  }
  properties.done();
}
