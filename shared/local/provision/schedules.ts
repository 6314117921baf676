import { randomUUID } from "node:crypto";
import { parseSchedule } from "#core/schedule/schedule-expression.ts";
import { eventOf, type LocalBus } from "../events/event-bus.ts";
import type { Caller } from "../iam/access.ts";
import { nextTime } from "../scheduler/next-time.ts";
import type { HostedQueue } from "../sqs/queue-host.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { startTimer } from "../timer.ts";
import { lastPart, type LocalRole, type Site } from "./site.ts";

const SCHEDULER = "scheduler.amazonaws.com";
/** What one entry of PutEvents may have. */
const MAX_INPUT_BYTES = 262_144;
const KEYWORD = /<aws\.scheduler\.([a-z-]+)>/g;

interface Target {
  readonly bus: LocalBus;
  readonly role: LocalRole;
  readonly source: string;
  readonly detailType: string;
  readonly input: string;
  readonly letters: HostedQueue | undefined;
}

/** A schedule of EventBridge Scheduler whose target is a bus: it fires by the local clock, with its role's rights. */
export function provisionSchedule(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const { path } = resource;
  const times = readTimes(properties.text("ScheduleExpression"), path);
  const zone = properties.optionalText("ScheduleExpressionTimezone") ?? "UTC";
  if (!isZone(zone)) throw new Error(`${path}: ${zone} is not a time zone of the IANA database.`);
  const windowMs = windowOf(properties.object("FlexibleTimeWindow"), path);
  const state = properties.only("State", "ENABLED", "DISABLED") ?? "ENABLED";
  const target = targetOf(properties.object("Target"), resource, site);
  properties.withoutLocalMeaning({
    Name: "it is part of the schedule's identity",
    Description: "for people",
  });
  properties.done();
  if (state === "DISABLED") return;
  const { clock } = site;
  const start = clock.now();
  let cancel = () => undefined as void;
  const arm = (after: number): void => {
    const scheduled = nextTime(times, zone, after, start);
    if (scheduled === undefined) return;
    // Within a flexible window AWS chooses; the end of it is the latest that one must expect.
    cancel = startTimer(clock, scheduled + windowMs, () => {
      // Once, when the clock was moved past several times.
      arm(Math.max(scheduled, clock.now() - windowMs));
      fire(target, resource, scheduled, site);
    });
  };
  // A rate without a start date fires at once.
  arm(start - 1);
  site.pollers.push({
    busy: 0,
    stop() {
      cancel();
      return Promise.resolve();
    },
  });
}

function readTimes(expression: string, path: string) {
  try {
    return parseSchedule(expression);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}

/** The longest delay. */
function windowOf(window: Properties, path: string): number {
  const mode = window.only("Mode", "OFF", "FLEXIBLE");
  const minutes = window.optionalNumber("MaximumWindowInMinutes");
  window.done();
  if (mode === undefined) throw new Error(`${path}: FlexibleTimeWindow lacks Mode.`);
  const allowed =
    mode === "OFF"
      ? minutes === undefined
      : Number.isInteger(minutes) && (minutes ?? 0) >= 1 && (minutes ?? 0) <= 1_440;
  if (!allowed)
    throw new Error(`${path}: a flexible window has 1 to 1,440 minutes, and one that is OFF has none.`);
  return (minutes ?? 0) * 60_000;
}

function targetOf(target: Properties, { path }: Resource, site: Site): Target {
  const arn = target.text("Arn");
  const bus = site.buses.get(lastPart(arn, "/"));
  if (bus?.arn !== arn) throw new Error(`${path}: the target ${arn} is not a bus of the template.`);
  const role = site.roles.get(target.text("RoleArn"));
  if (role === undefined) throw new Error(`${path}: its role is not in the template.`);
  const { account, region } = site.addresses;
  const group = { account, arn: `arn:aws:scheduler:${region}:${account}:schedule-group/default` };
  if (!role.trusts(SCHEDULER, { "aws:SourceAccount": group.account, "aws:SourceArn": group.arn }))
    throw new Error(`${path}: its role does not let ${SCHEDULER} assume it for schedules of this account.`);
  const parameters = target.object("EventBridgeParameters");
  const source = parameters.text("Source");
  const detailType = parameters.text("DetailType");
  parameters.done();
  if (source.startsWith("aws.")) throw new Error(`${path}: a source that begins with "aws." is AWS's own.`);
  const input = target.text("Input");
  requireDetail(input, path);
  const letters = target.optionalObject("DeadLetterConfig")?.text("Arn");
  const queue = letters === undefined ? undefined : site.queues.byArn(letters);
  if (letters !== undefined && (queue === undefined || queue.queue.fifo))
    throw new Error(`${path}: its dead-letter queue is not a standard queue of the template.`);
  const retries = target.optionalObject("RetryPolicy");
  requireWithin(retries?.optionalNumber("MaximumEventAgeInSeconds"), 60, 86_400, path);
  requireWithin(retries?.optionalNumber("MaximumRetryAttempts"), 0, 185, path);
  retries?.done();
  target.done();
  return { bus, role, source, detailType, input, letters: queue };
}

function requireDetail(input: string, path: string): void {
  if (Buffer.byteLength(input) > MAX_INPUT_BYTES)
    throw new Error(`${path}: its Input has more than ${MAX_INPUT_BYTES} bytes.`);
  const outcome = eventOf(
    { Source: "s", DetailType: "t", Detail: input },
    { account: "", region: "", now: 0 },
  );
  if ("ErrorCode" in outcome)
    throw new Error(`${path}: the Input of a schedule that puts events is one JSON object.`);
}

function requireWithin(value: number | undefined, least: number, most: number, path: string): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw new Error(`${path}: its retry policy has ${value}; Scheduler takes ${least} to ${most}.`);
}

function fire(target: Target, { identity }: Resource, scheduled: number, site: Site): void {
  const { access, addresses, clock, counts, log } = site;
  const { bus, role, source, detailType, letters } = target;
  const caller: Caller = {
    name: `schedule:${identity.ref}`,
    principal: { type: "identity", arn: role.arn, policies: role.policies },
  };
  const arn = identity.attributes["Arn"] ?? "";
  const words: Readonly<Record<string, string>> = {
    "schedule-arn": arn,
    "scheduled-time": new Date(scheduled).toISOString().replace(/\.\d+Z$/, "Z"),
    "execution-id": randomUUID().replaceAll("-", "").slice(0, 16),
    "attempt-number": "1",
  };
  const Detail = target.input.replaceAll(KEYWORD, (whole, name: string) => words[name] ?? whole);
  const context = { "events:source": [source], "events:detail-type": [detailType] };
  if (access.isAllowed(caller, "events:PutEvents", bus.arn, context)) {
    counts.record("events", "PutEvents", caller.name, bus.arn);
    const event = eventOf(
      { Source: source, DetailType: detailType, Detail },
      { account: addresses.account, region: addresses.region, now: clock.now() },
    );
    if ("ErrorCode" in event) return log({ from: identity.ref, text: event.ErrorMessage, kind: "trouble" });
    for (const { matches, targets } of bus.rules)
      if (matches(event)) for (const deliver of targets) setImmediate(deliver, event);
    return;
  }
  log({
    from: identity.ref,
    text: `may not put events on ${bus.name} as ${source}: its role or the bus's policy is against it`,
    kind: "trouble",
  });
  if (letters === undefined) return;
  if (!access.isAllowed(caller, "sqs:SendMessage", letters.arn))
    return log({ from: identity.ref, text: "an event is lost: its role may not keep it", kind: "trouble" });
  counts.record("sqs", "SendMessage", caller.name, letters.arn);
  letters.queue.send(clock.now(), {
    body: Detail,
    attributes: Object.fromEntries(
      Object.entries({ SCHEDULE_ARN: arn, TARGET_ARN: bus.arn, ERROR_CODE: "AccessDeniedException" }).map(
        ([name, value]) => [name, { dataType: "String", value }],
      ),
    ),
  });
  site.queues.changed(letters.queue);
}
