import { App, Duration, Stack } from "aws-cdk-lib";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { AgentsStores } from "../../../infra/stacks/agents-stores.ts";
import { EventSpine } from "../../../infra/constructs/event-spine.ts";
import { QuestionNotifications } from "../../../infra/constructs/question-notifications.ts";
import { pathOf } from "../../../infra/stacks/customer-care-stack.ts";
import { FLAGS } from "../../../infra/settings/flags.ts";
import { RecommendationStack } from "../../../infra/stacks/recommendation-stack.ts";
import { SessionMirror } from "../../../infra/stacks/session-mirror.ts";
import { EVERYBODY, RIGHTS } from "#core/rights.ts";

/** A stack of the constructs that are deployed, with all that has an alarm: a retention, a subscription, notices of questions, an agent elsewhere. */

const agent = (name: string) => ({ entry: pathOf(`functions/agents/${name}/handler.ts`) });
const own = (name: string) => ({ entry: pathOf(`scripts/drill/app/agents/${name}.ts`) });

const app = new App({
  outdir: process.env["CDK_OUTDIR"] ?? pathOf(".build/drill.out"),
  context: FLAGS,
  analyticsReporting: false,
});
const stack = new Stack(app, "Drill");
const stores = new AgentsStores(stack, "Agents");
const spine = new EventSpine(stack, "Spine", {
  application: pathOf("scripts/drill/app/application.ts"),
  agents: {
    inquiry: agent("inquiry"),
    scheduling: { ...agent("scheduling"), environment: { CALENDAR_TABLE: stores.calendar.tableName } },
    documents: { ...agent("documents"), environment: { DOCUMENTS_BUCKET: stores.documents.bucketName } },
    reply: agent("reply"),
    deed: own("deed"),
    flawed: own("flawed"),
  },
  agentsElsewhere: ["recommendation"],
  retention: { "*": Duration.days(90) },
  rights: { [EVERYBODY]: RIGHTS },
});
stores.grantCalendar(spine.agent("scheduling").function);
stores.grantDocuments(spine.agent("documents").function);
new SessionMirror(stack, "Mirror", spine);
// Its text is no address, so that nobody can be told.
const webhook = new secrets.Secret(stack, "Webhook") as secrets.ISecret; // but for optional fields it is one
new QuestionNotifications(stack, "Questions", { spine, topic: false, webhook });
new RecommendationStack(app, "DrillRecommendation");
app.synth();
