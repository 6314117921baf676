import { randomUUID } from "node:crypto";
import { parseRate, startSchedule } from "../events/schedule.ts";
import type { Caller } from "../iam/access.ts";
import { list, parsePolicy } from "../iam/iam-policy.ts";
import { invokeAsync } from "../lambda/invoke-async.ts";
import type { LocalFunction } from "../lambda/lambda-function.ts";
import { measureRule, type RuleMeasure } from "../metrics/measure-rule.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { lastPart, type Site } from "./site.ts";

/** A rule that fires by time: its functions are called, if their own policies let it. */
export function provisionScheduledRule(resource: Resource, properties: Properties, site: Site): void {
  const everyMs = parseRate(properties.text("ScheduleExpression"), resource.path);
  const state = properties.only("State", "ENABLED", "DISABLED") ?? "ENABLED";
  const targets = properties.objects("Targets").map((target) => functionTarget(target, resource, site));
  const measure = measureRule({ RuleName: properties.optionalText("Name") ?? resource.identity.ref }, site);
  properties.withoutLocalMeaning({ Description: "for people" });
  properties.done();
  if (state === "DISABLED") return;
  const stopping = new AbortController();
  const stop = startSchedule(site.clock, everyMs, () => {
    for (const target of targets) void call(target, resource, site, { measure, stopped: stopping.signal });
  });
  // Its invocations are counted by their function.
  site.pollers.push({
    busy: 0,
    stop() {
      stop();
      stopping.abort();
      return Promise.resolve();
    },
  });
}

function functionTarget(target: Properties, { path }: Resource, { functions }: Site): LocalFunction {
  const arn = target.text("Arn");
  target.text("Id");
  target.withoutLocalMeaning({
    RetryPolicy: "it is for calls that Lambda rejects, and the local Lambda rejects none",
  });
  target.done();
  const found = functions.get(lastPart(arn));
  if (found === undefined) throw new Error(`${path}: the target ${arn} is not a function of the template.`);
  return found;
}

async function call(
  target: LocalFunction,
  { identity }: Resource,
  { access, clock, counts, faults, log, addresses }: Site,
  { measure, stopped }: { readonly measure: RuleMeasure; readonly stopped: AbortSignal },
): Promise<void> {
  const arn = identity.attributes["Arn"] ?? "";
  const caller: Caller = {
    name: `rule:${identity.ref}`,
    principal: { type: "service", name: "events.amazonaws.com" },
  };
  const context = { "aws:SourceArn": arn, "aws:SourceAccount": addresses.account };
  measure("Invocations");
  const refusal = access.isAllowed(caller, "lambda:InvokeFunction", target.config.arn, context)
    ? faults.delivery?.(target.config.name)
    : `the policy of ${target.config.name} does not allow EventBridge to invoke it for this rule`;
  if (refusal !== undefined) {
    measure("FailedInvocations");
    const text = refusal;
    return log({ from: identity.ref, text, kind: "trouble" });
  }
  counts.record("lambda", "Invoke", caller.name, target.config.arn);
  const event = {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: addresses.account,
    time: new Date(clock.now()).toISOString(),
    region: addresses.region,
    resources: [arn],
    detail: {},
  };
  const ended = await invokeAsync(target, event, { clock, stopped });
  if (ended.type !== "ok")
    log({ from: identity.ref, text: `${target.config.name} failed, ${ended.tries} times`, kind: "trouble" });
}

/** As Lambda writes it into the function's policy. */
function conditionOf(properties: Properties): object {
  const source = properties.optionalText("SourceArn");
  const authType = properties.only("FunctionUrlAuthType", "AWS_IAM", "NONE");
  return {
    ...(source !== undefined && { ArnLike: { "aws:SourceArn": source } }),
    ...(authType !== undefined && { StringEquals: { "lambda:FunctionUrlAuthType": authType } }),
    ...(properties.flag("InvokedViaFunctionUrl") && { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
  };
}

/** What lets a service, or everyone by a URL, call functions: statements of the functions' own policies. */
export function provisionPermissions(resources: readonly Resource[], { access, functions }: Site): void {
  const statements = new Map<string, object[]>();
  for (const resource of resources) {
    const properties = resource.properties();
    const name = properties.text("FunctionName");
    const arn = functions.get(lastPart(name))?.config.arn;
    if (arn === undefined) throw new Error(`${resource.path}: its function is not in the template.`);
    const principal = properties.text("Principal");
    const statement = {
      Effect: "Allow",
      Action: properties.text("Action"),
      Principal: principal === "*" ? "*" : { Service: list(principal) },
      Resource: arn,
      Condition: conditionOf(properties),
    };
    properties.done();
    statements.set(arn, [...(statements.get(arn) ?? []), statement]);
  }
  for (const [arn, Statement] of statements) {
    const policy = { Version: "2012-10-17", Statement };
    access.setResourcePolicy(arn, parsePolicy(policy, `the policy of ${arn}`, "resource"));
  }
}
