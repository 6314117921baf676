import { App, Duration, RemovalPolicy } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { CustomerCareStack, pathOf, type SpineChoices } from "./customer-care-stack.ts";
import { FLAGS } from "../settings/flags.ts";
import { RecommendationStack } from "./recommendation-stack.ts";
import type { Deployment } from "../settings/deployment.ts";

/** What a deployment's stacks are called. */
export const stackNames = (prefix: string) => ({
  customerCare: `${prefix}-customer-care`,
  recommendation: `${prefix}-recommendation`,
});

/** The app of these deployments, two stacks each; written to `outdir` when it is synthesized. */
export function newSpineApp(deployments: readonly Deployment[], outdir: string | undefined): App {
  const app = new App({
    // The CLI names a folder of its own.
    outdir: outdir ?? pathOf(".build/cdk.out"),
    context: FLAGS,
    analyticsReporting: false,
  });
  for (const deployment of deployments) addStacks(app, deployment);
  return app;
}

/** Adds the stacks of one deployment. Agents' dead letters feed the spine's recovery, so theirs comes after the spine's. */
export function addStacks(app: App, deployment: Deployment): void {
  const { prefix, account, region } = deployment;
  const names = stackNames(prefix);
  const env = { account, region };
  const { bedrockModel, mirror, questions, tracing } = deployment;
  const customerCare = new CustomerCareStack(app, names.customerCare, {
    env,
    bedrockModel,
    mirror,
    questions,
    spine: (scope) => choicesOf(scope, deployment),
  });
  const recommendation = new RecommendationStack(app, names.recommendation, {
    env,
    prefix,
    tracing,
    alarmActions: (scope) => alarmActionsOf(scope, deployment),
    encryptionKey: (scope) => encryptionKeyOf(scope, deployment),
  });
  recommendation.addStackDependency(customerCare, "the spine comes before its neighbours");
}

/** Of a topic that is there already; undefined for the spine's own. */
function alarmActionsOf(
  scope: Construct,
  { alarmTopicArn }: Deployment,
): readonly cloudwatch.IAlarmAction[] | undefined {
  if (alarmTopicArn === undefined) return undefined;
  return [new actions.SnsAction(sns.Topic.fromTopicArn(scope, "GivenAlarmTopic", alarmTopicArn))];
}

/** The customer's key, which is there already; undefined for those of AWS's own. */
const encryptionKeyOf = (scope: Construct, { encryptionKeyArn }: Deployment): kms.IKey | undefined =>
  encryptionKeyArn === undefined ? undefined : kms.Key.fromKeyArn(scope, "EncryptionKey", encryptionKeyArn);

const SCORERS = "functions/subscribers/scorers/handler.ts";

function choicesOf(scope: Construct, deployment: Deployment): SpineChoices {
  const { prefix, quotas, waits, streams, tenants, rights, ceilings, personal, retention, producers } =
    deployment;
  const { tenantInFlight, sessionIndex, scorers, liveOutput, callbacks } = deployment;
  const { concurrency, doorConcurrency, commitForm, tracing } = deployment;
  const { deletionProtection, removeWithStack, existingTable } = deployment;
  const { personalKeyArn, alarmEmails } = deployment;
  return {
    prefix,
    quotas,
    waits,
    streams,
    tenants,
    rights,
    ceilings,
    tenantInFlight,
    sessionIndex,
    scorers: scorers === true ? { entry: pathOf(SCORERS) } : undefined,
    liveOutput,
    callbacks,
    concurrency,
    doorConcurrency,
    commitForm,
    tracing,
    deletionProtection,
    existingTable,
    removalPolicy: removeWithStack === true ? RemovalPolicy.DESTROY : undefined,
    encryptionKey: encryptionKeyOf(scope, deployment),
    alarmEmails,
    alarmActions: alarmActionsOf(scope, deployment),
    personal,
    personalKey:
      personalKeyArn === undefined ? undefined : kms.Key.fromKeyArn(scope, "PersonalKey", personalKeyArn),
    producers: producers?.map(({ source, roles }) => ({
      source,
      roles: roles.map((arn) => iam.Role.fromRoleArn(scope, `${source} ${arn}`, arn)),
    })),
    retention:
      retention &&
      Object.fromEntries(Object.entries(retention).map(([tenant, time]) => [tenant, Duration.parse(time)])),
  };
}
