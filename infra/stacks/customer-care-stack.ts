import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { fileURLToPath } from "node:url";
import { Env } from "#aws/config.ts";
import { AgentsStores } from "./agents-stores.ts";
import type { EventSpineProps } from "../constructs/event-spine-props.ts";
import { CustomerKey } from "../constructs/customer-key.ts";
import { EventSpine } from "../constructs/event-spine.ts";
import { QuestionNotifications } from "../constructs/question-notifications.ts";
import type { Deployment } from "../settings/deployment.ts";
import type { SpineAgentOptions } from "../constructs/spine-agent.ts";
import { SessionMirror } from "./session-mirror.ts";

/** What may be chosen of the spine; the rest is the application's. */
export type SpineChoices = Omit<EventSpineProps, "application" | "agents" | "agentsElsewhere">;

export interface CustomerCareProps extends StackProps {
  /** What the spine is; keys, roles and tables that are there already are imported into the scope. @default as an EventSpine is */
  readonly spine?: (scope: Construct) => SpineChoices;
  /** A Bedrock model or inference profile for the agents that can use one. @default their own logic */
  readonly bedrockModel?: string;
  /** Keeps the state of every session in a table of its own, by an ordered subscription. @default false */
  readonly mirror?: boolean;
  /** Tells people of open questions. @default nobody is told */
  readonly questions?: Deployment["questions"];
}

export const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const agent = (name: string): SpineAgentOptions => ({ entry: pathOf(`functions/agents/${name}/handler.ts`) });

/** The sample application. Its recommendation agent is in a separate stack. */
export class CustomerCareStack extends Stack {
  readonly spine: EventSpine;

  constructor(
    scope: Construct,
    id: string,
    { spine = () => ({}), bedrockModel, mirror = false, questions, ...props }: CustomerCareProps = {},
  ) {
    super(scope, id, { description: "Event Spine: customer care", ...props });
    const environment: Record<string, string> =
      bedrockModel === undefined ? {} : { [Env.bedrockModel]: bedrockModel };
    const choices = spine(this);
    const stores = new AgentsStores(this, "Agents", choices);
    this.spine = new EventSpine(this, "Spine", {
      ...choices,
      application: pathOf("shared/application/sample-application.ts"),
      agents: {
        inquiry: { ...agent("inquiry"), environment },
        scheduling: { ...agent("scheduling"), environment: { CALENDAR_TABLE: stores.calendar.tableName } },
        documents: { ...agent("documents"), environment: { DOCUMENTS_BUCKET: stores.documents.bucketName } },
        reply: { ...agent("reply"), environment, progress: choices.liveOutput === true },
      },
      agentsElsewhere: ["recommendation"],
    });
    stores.grantCalendar(this.spine.agent("scheduling").function);
    stores.grantDocuments(this.spine.agent("documents").function);
    if (bedrockModel !== undefined) this.allowModel(bedrockModel, ["inquiry", "reply"]);
    if (mirror) new SessionMirror(this, "Mirror", this.spine, choices.encryptionKey);
    if (questions !== undefined) this.tellOfQuestions(questions, choices);
  }

  private tellOfQuestions(
    { topic = true, webhook, link, withQuestion }: NonNullable<Deployment["questions"]>,
    { tracing, encryptionKey }: SpineChoices,
  ): void {
    const told = new QuestionNotifications(this, "Questions", {
      spine: this.spine,
      tracing,
      ...(!topic && { topic: false }),
      ...(webhook !== undefined && { webhook: this.webhookSecret(webhook, encryptionKey) }),
      link,
      withQuestion,
    });
    CustomerKey.encrypt(told, encryptionKey);
    if (told.topic !== undefined) new CfnOutput(told, "TopicArn", { value: told.topic.topicArn });
  }

  /** One that is created has no address until somebody puts it there. */
  private webhookSecret(webhook: string | true, encryptionKey: kms.IKey | undefined): secrets.ISecret {
    if (webhook !== true) return secrets.Secret.fromSecretCompleteArn(this, "Webhook", webhook);
    const made = new secrets.Secret(this, "Webhook", {
      description: "Event Spine: the https address of a webhook that is told of open questions",
    });
    CustomerKey.encrypt(made, encryptionKey);
    new CfnOutput(this, "WebhookSecretArn", { value: made.secretArn });
    return made;
  }

  /** A profile's name is its model's behind a geography (`eu.`), and a call of it needs the model in every Region. */
  private allowModel(model: string, agents: readonly string[]): void {
    const foundation = model.replace(/^(us|eu|apac|jp|au|global)\./, "");
    const rights = new iam.PolicyStatement({
      actions: ["bedrock:InvokeModel"],
      resources: [
        `arn:${this.partition}:bedrock:*::foundation-model/${foundation}`,
        `arn:${this.partition}:bedrock:${this.region}:${this.account}:inference-profile/${model}`,
      ],
    });
    for (const name of agents) this.spine.agent(name).function.addToRolePolicy(rights);
  }
}
