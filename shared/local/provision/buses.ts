import type { BusEvent } from "../events/event-bus.ts";
import { parsePattern } from "../events/event-pattern.ts";
import type { Caller } from "../iam/access.ts";
import { parsePolicy, type Policy } from "../iam/iam-policy.ts";
import type { MessageAttributes } from "#memory/queue/message.ts";
import type { HostedQueue } from "../sqs/queue-host.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { measureRule, type RuleMeasure } from "../metrics/measure-rule.ts";
import { provisionScheduledRule } from "./scheduled-rules.ts";
import { lastPart, type Site } from "./site.ts";

export function provisionBus(resource: Resource, { buses }: Site): void {
  const properties = resource.properties();
  properties.withoutLocalMeaning({
    Name: "it is part of the bus's identity",
    Description: "for people",
    Tags: "there is no billing here",
  });
  properties.done();
  const name = resource.identity.ref;
  buses.set(name, { name, arn: resource.identity.attributes["Arn"] ?? "", rules: [] });
}

/** Statements of all policies of a bus stand side by side. */
export function provisionBusPolicies(resources: readonly Resource[], { access, buses }: Site): void {
  const policies = new Map<string, Policy>();
  for (const resource of resources) {
    const properties = resource.properties();
    const name = properties.text("EventBusName");
    const statement = properties.raw("Statement");
    const document = { Version: "2012-10-17", Statement: statement };
    const arn = buses.get(name)?.arn;
    if (arn === undefined)
      throw new Error(`${resource.path} is for the bus ${name}, which the template does not have.`);
    const parsed = parsePolicy(document, resource.path, "resource");
    policies.set(arn, [...(policies.get(arn) ?? []), ...parsed]);
    properties.withoutLocalMeaning({ StatementId: "it names the statement for later changes" });
    properties.done();
  }
  for (const [arn, policy] of policies) access.setResourcePolicy(arn, policy);
}

export function provisionRule(resource: Resource, site: Site): void {
  const properties = resource.properties();
  if (properties.optionalText("ScheduleExpression") !== undefined)
    return provisionScheduledRule(resource, resource.properties(), site);
  const bus = site.buses.get(lastPart(properties.optionalText("EventBusName") ?? "default", "/"));
  if (bus === undefined) throw new Error(`${resource.path}: its bus is not in the template.`);
  const state = properties.only("State", "ENABLED", "DISABLED") ?? "ENABLED";
  const matches = parsePattern(properties.raw("EventPattern"), `${resource.path}.EventPattern`);
  const name = properties.optionalText("Name") ?? resource.identity.ref;
  const measure = measureRule({ EventBusName: bus.name, RuleName: name }, site);
  const targets = properties.objects("Targets").map((target) => queueTarget(target, resource, site, measure));
  properties.withoutLocalMeaning({ Description: "for people" });
  properties.done();
  if (state === "ENABLED") bus.rules.push({ name: resource.identity.ref, matches, targets });
}

function queueTarget(
  target: Properties,
  resource: Resource,
  site: Site,
  measure: RuleMeasure,
): (event: BusEvent) => void {
  const queue = queueOf(target.text("Arn"), resource, site);
  target.text("Id");
  const letters = target.optionalObject("DeadLetterConfig")?.text("Arn");
  const deadLetters = letters === undefined ? undefined : queueOf(letters, resource, site);
  if (deadLetters?.queue.fifo === true)
    throw new Error(`${resource.path}: a rule's dead-letter queue must be a standard one.`);
  const fifo = target.optionalObject("SqsParameters");
  const groupId = fifo?.text("MessageGroupId");
  fifo?.done();
  if (groupId?.startsWith("$."))
    throw new Error(`${resource.path}: whether AWS resolves ${groupId} as a group is contested.`);
  target.withoutLocalMeaning({
    RetryPolicy: "a queue in the same process is either always or never reachable",
  });
  target.done();
  const rule = resource.identity.ref;
  return (event) => {
    const body = JSON.stringify(event);
    const failure = deliver(site, resource, queue, { body, ...(groupId !== undefined && { groupId }) });
    measure("Invocations");
    if (failure === undefined) return;
    measure("FailedInvocations");
    site.log({ from: rule, text: failure.message, kind: "trouble" });
    const attributes = letterAttributes(resource, queue, failure);
    const lost =
      deadLetters === undefined
        ? { message: "it names no dead-letter queue" }
        : deliver(site, resource, deadLetters, { body, attributes });
    if (deadLetters !== undefined)
      measure(lost === undefined ? "InvocationsSentToDlq" : "InvocationsFailedToBeSentToDlq");
    if (lost !== undefined)
      site.log({ from: rule, text: `an event is lost: ${lost.message}`, kind: "trouble" });
  };
}

interface FailedDelivery {
  /** EventBridge's word for it. */
  readonly code: "NO_PERMISSIONS" | "ERROR_FROM_TARGET";
  readonly message: string;
}

/** What EventBridge writes beside an event that it gives up on. */
const letterAttributes = (
  { identity }: Resource,
  { arn }: HostedQueue,
  { code, message }: FailedDelivery,
): MessageAttributes =>
  Object.fromEntries(
    Object.entries({
      RULE_ARN: identity.attributes["Arn"] ?? "",
      TARGET_ARN: arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: message,
    }).map(([name, value]) => [name, { dataType: "String", value }]),
  );

/** Says why the queue did not take the message. */
function deliver(
  { access, clock, counts, faults, queues }: Site,
  resource: Resource,
  { queue, arn }: HostedQueue,
  message: { readonly body: string; readonly groupId?: string; readonly attributes?: MessageAttributes },
): FailedDelivery | undefined {
  const caller: Caller = {
    name: `rule:${resource.identity.ref}`,
    principal: { type: "service", name: "events.amazonaws.com" },
  };
  const ruleArn = resource.identity.attributes["Arn"] ?? "";
  const context = { "aws:SourceArn": ruleArn, "aws:SourceAccount": ruleArn.split(":")[4] ?? "" };
  if (!access.isAllowed(caller, "sqs:SendMessage", arn, context)) {
    return {
      code: "NO_PERMISSIONS",
      message: `the policy of ${queue.name} does not allow EventBridge to send for this rule`,
    };
  }
  const fault = faults.delivery?.(queue.name);
  if (fault !== undefined)
    return { code: "ERROR_FROM_TARGET", message: `${queue.name} rejected an event: ${fault}` };
  counts.record("sqs", "SendMessage", caller.name, arn);
  try {
    queue.send(clock.now(), message);
  } catch (error) {
    return { code: "ERROR_FROM_TARGET", message: `${queue.name} rejected an event: ${String(error)}` };
  }
  queues.changed(queue);
  return undefined;
}

function queueOf(arn: string, resource: Resource, { queues }: Site): HostedQueue {
  const hosted = queues.byArn(arn);
  if (hosted === undefined)
    throw new Error(`${resource.path}: the target ${arn} is not a queue of the template.`);
  return hosted;
}
