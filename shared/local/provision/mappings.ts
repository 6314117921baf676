import { parsePattern } from "../events/event-pattern.ts";
import type { Caller } from "../iam/access.ts";
import type { LocalFunction } from "../lambda/lambda-function.ts";
import { startQueuePoller } from "../mappings/queue-poller.ts";
import { startStreamPoller } from "../mappings/stream-poller.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { lastPart, type Site } from "./site.ts";

/** What Lambda asks of a function's role before it makes the mapping. */
const QUEUE_RIGHTS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const STREAM_RIGHTS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];

/** What Lambda takes as the pollers of a queue's mapping. */
const POLLERS = { least: 2, mostAtLeast: 200, mostByDefault: 200, most: 2_000 };
/** What a poller runs at once. */
const BATCHES_A_POLLER = 10;
/** The model of a mapping takes no higher bound; a machine runs far fewer. */
const MOST_CONCURRENCY = 1_000;

/** A mapping; it polls from now on. */
export function provisionMapping(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const target = site.functions.get(lastPart(properties.text("FunctionName")));
  if (target === undefined) throw new Error(`${resource.path}: its function is not in the template.`);
  const source = properties.text("EventSourceArn");
  const partial = properties.texts("FunctionResponseTypes");
  if (partial.some((type) => type !== "ReportBatchItemFailures")) {
    throw new Error(`${resource.path}: FunctionResponseTypes supports ReportBatchItemFailures only.`);
  }
  const reportBatchItemFailures = partial.length > 0;
  const enabled = properties.raw("Enabled") ?? true;
  if (enabled !== true) throw new Error(`${resource.path}: disabled mappings are not supported here.`);
  properties.withoutLocalMeaning({ Tags: "there is no billing here" });
  const options = { resource, properties, target, source, reportBatchItemFailures };
  if (source.startsWith("arn:aws:sqs:")) provisionQueueMapping(options, site);
  else if (source.startsWith("arn:aws:dynamodb:")) provisionStreamMapping(options, site);
  else throw new Error(`${resource.path}: a mapping from ${source} is not supported here.`);
}

interface MappingOptions {
  readonly resource: Resource;
  readonly properties: Properties;
  readonly target: LocalFunction;
  readonly source: string;
  readonly reportBatchItemFailures: boolean;
}

function provisionQueueMapping(
  { resource, properties, target, source, reportBatchItemFailures }: MappingOptions,
  site: Site,
): void {
  const hosted = site.queues.byArn(source);
  if (hosted === undefined) throw new Error(`${resource.path}: ${source} is not a queue of the template.`);
  const batchSize = properties.optionalNumber("BatchSize") ?? 10;
  const declared = boundOf(resource, properties);
  properties.done();
  requireRights(resource, target, QUEUE_RIGHTS, source, site);
  site.pollers.push(
    startQueuePoller({
      host: site.queues,
      source: hosted,
      target,
      batchSize,
      maxConcurrency: declared,
      reportBatchItemFailures,
      region: site.addresses.region,
      counts: site.counts,
    }),
  );
}

/** How many batches run at once: by the mapping's bound, or by the pollers that it may have, whose price and pace have no meaning here. */
function boundOf({ path }: Resource, properties: Properties): number | undefined {
  const scaling = properties.optionalObject("ScalingConfig");
  const declared = scaling?.number("MaximumConcurrency");
  scaling?.done();
  const pollers = properties.optionalObject("ProvisionedPollerConfig");
  if (pollers === undefined) return declared;
  if (declared !== undefined)
    throw new Error(`${path}: Lambda refuses MaximumConcurrency beside ProvisionedPollerConfig.`);
  const least = pollers.optionalNumber("MinimumPollers") ?? POLLERS.least;
  const most = pollers.optionalNumber("MaximumPollers") ?? POLLERS.mostByDefault;
  pollers.done();
  if (least < POLLERS.least || least > POLLERS.mostAtLeast || most > POLLERS.most || most < least)
    throw new Error(
      `${path}: Lambda refuses ${least} to ${most} pollers of a queue: at least ${POLLERS.least} to ${POLLERS.mostAtLeast}, at most ${POLLERS.most}.`,
    );
  return Math.min(MOST_CONCURRENCY, most * BATCHES_A_POLLER);
}

function provisionStreamMapping(
  { resource, properties, target, source, reportBatchItemFailures }: MappingOptions,
  site: Site,
): void {
  const stream = site.streams.get(source);
  if (stream === undefined) throw new Error(`${resource.path}: ${source} is not a stream of the template.`);
  const batchSize = Math.min(properties.optionalNumber("BatchSize") ?? 100, site.streamBatchSize ?? Infinity);
  const parallelizationFactor = properties.optionalNumber("ParallelizationFactor") ?? 1;
  const retries = properties.optionalNumber("MaximumRetryAttempts") ?? -1;
  const bisectOnError = properties.flag("BisectBatchOnFunctionError");
  const criteria = properties.optionalObject("FilterCriteria");
  const filters = (criteria?.objects("Filters") ?? []).map((filter) => {
    const pattern = parsePattern(JSON.parse(filter.text("Pattern")), filter.owner);
    filter.done();
    return pattern;
  });
  criteria?.done();
  const destination = properties.optionalObject("DestinationConfig")?.object("OnFailure").text("Destination");
  // With LATEST, records of an earlier start would have to be told apart from new ones.
  properties.only("StartingPosition", "TRIM_HORIZON");
  properties.done();
  requireRights(resource, target, STREAM_RIGHTS, source, site);
  requireRights(resource, target, ["dynamodb:ListStreams"], "*", site);
  site.pollers.push(
    startStreamPoller({
      stream,
      target,
      batchSize,
      parallelizationFactor,
      retryAttempts: retries < 0 ? undefined : retries,
      bisectOnError,
      reportBatchItemFailures,
      filters,
      seed: site.seed,
      waitMs: site.streamWaitMs,
      onFailure: destination === undefined ? undefined : failureQueue(resource, target, destination, site),
      counted: (operation) =>
        site.counts.record("dynamodb", operation, `mapping:${target.config.name}`, source),
    }),
  );
}

function failureQueue(
  resource: Resource,
  target: LocalFunction,
  arn: string,
  site: Site,
): (letter: object) => void {
  const hosted = site.queues.byArn(arn);
  if (hosted === undefined)
    throw new Error(`${resource.path}: the failure destination ${arn} is not a queue of the template.`);
  requireRights(resource, target, ["sqs:SendMessage"], arn, site);
  return (letter) => {
    const { name } = target.config;
    site.log({
      from: name,
      text: `gave up records of its stream; they are listed in ${hosted.queue.name}`,
      kind: "trouble",
    });
    site.counts.record("sqs", "SendMessage", `mapping:${name}`, arn);
    hosted.queue.send(site.clock.now(), { body: JSON.stringify(letter) });
    site.queues.changed(hosted.queue);
  };
}

function requireRights(
  resource: Resource,
  target: LocalFunction,
  actions: readonly string[],
  arn: string,
  site: Site,
): void {
  const { name } = target.config;
  const role = site.roleOf.get(name);
  const caller: Caller = {
    name,
    principal: { type: "identity", arn: role?.arn ?? "", policies: role?.policies ?? [] },
  };
  const missing = actions.filter((action) => !site.access.isAllowed(caller, action, arn));
  if (missing.length === 0) return;
  throw new Error(`${resource.path}: the role of ${name} lacks ${missing.join(", ")} on ${arn}.`);
}
