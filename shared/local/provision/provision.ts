import type { Resource } from "../template/template.ts";
import { provisionBus, provisionBusPolicies, provisionRule } from "./buses.ts";
import { provisionFunction } from "./functions.ts";
import { provisionMapping } from "./mappings.ts";
import { provisionQueue, provisionQueuePolicy } from "./provision-queues.ts";
import { provisionPolicy, provisionRole } from "./roles.ts";
import { provisionPermissions } from "./scheduled-rules.ts";
import { provisionSchedule } from "./schedules.ts";
import type { Site } from "./site.ts";
import { provisionAlarm, provisionTopic, provisionTopicPolicy } from "./alarms.ts";
import { provisionDashboard } from "./dashboards.ts";
import { provisionStateMachine } from "./state-machines.ts";
import {
  provisionBucket,
  provisionBucketPolicy,
  provisionKey,
  provisionSecret,
  provisionTable,
} from "./stores.ts";
import { WITHOUT_LOCAL_MEANING } from "./without-local-meaning.ts";

type Each = (resource: Resource, site: Site) => unknown;

const each =
  (provision: Each) =>
  async (resources: readonly Resource[], site: Site): Promise<void> => {
    for (const resource of resources) await provision(resource, site);
  };

/** What the local runtime understands, in an order in which everything is there before it is needed. */
const STEPS: readonly (readonly [
  type: string,
  run: (resources: readonly Resource[], site: Site) => Promise<void> | void,
])[] = [
  ["AWS::IAM::Role", each(provisionRole)],
  ["AWS::IAM::Policy", each(provisionPolicy)],
  ["AWS::IAM::ManagedPolicy", each(provisionPolicy)],
  ["AWS::SecretsManager::Secret", each(provisionSecret)],
  ["AWS::KMS::Key", each(provisionKey)],
  ["AWS::DynamoDB::Table", each(provisionTable)],
  ["AWS::S3::Bucket", each(provisionBucket)],
  ["AWS::S3::BucketPolicy", each(provisionBucketPolicy)],
  ["AWS::SQS::Queue", each(provisionQueue)],
  ["AWS::SQS::QueuePolicy", each(provisionQueuePolicy)],
  ["AWS::Events::EventBus", each(provisionBus)],
  ["AWS::Events::EventBusPolicy", provisionBusPolicies],
  ["AWS::Lambda::Function", each(provisionFunction)],
  ["AWS::Lambda::Permission", provisionPermissions],
  ["AWS::Events::Rule", each(provisionRule)],
  ["AWS::Scheduler::Schedule", each(provisionSchedule)],
  ["AWS::StepFunctions::StateMachine", each(provisionStateMachine)],
  ["AWS::SNS::Topic", each(provisionTopic)],
  ["AWS::SNS::TopicPolicy", each(provisionTopicPolicy)],
  ["AWS::CloudWatch::Alarm", each(provisionAlarm)],
  ["AWS::CloudWatch::Dashboard", each(provisionDashboard)],
  // Their servers are open before anything else, since other resources may name the addresses.
  ["AWS::Lambda::Url", () => undefined],
];

/** Mappings start to poll at once, so they come when all else is there. */
const MAPPING = "AWS::Lambda::EventSourceMapping";
const KNOWN = new Set([...STEPS.map(([type]) => type), MAPPING]);

/** Refuses a template with resources that are not understood, all named at once. */
export function requireKnownTypes(resources: readonly Resource[]): void {
  const unknown = resources.filter(
    ({ type }) => !KNOWN.has(type) && WITHOUT_LOCAL_MEANING[type] === undefined,
  );
  if (unknown.length === 0) return;
  const names = unknown.map(({ path, type }) => `${path} (${type})`).join(", ");
  throw new Error(`The local runtime does not support ${names}.`);
}

/** Makes everything of the template but the mappings. */
export async function provision(site: Site): Promise<void> {
  const { resources } = site.template;
  for (const [type, run] of STEPS) {
    const mine = resources.filter((resource) => resource.type === type);
    if (mine.length > 0) await run(mine, site);
  }
}

export function startMappings(site: Site): void {
  for (const resource of site.template.resources) {
    if (resource.type === MAPPING) provisionMapping(resource, site);
  }
}
