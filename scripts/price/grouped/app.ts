import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { EventSpine } from "../../../infra/constructs/event-spine.ts";
import { FLAGS } from "../../../infra/settings/flags.ts";
import { AgentsStores } from "../../../infra/stacks/agents-stores.ts";
import { GROUP } from "./application.ts";

/** The sample application, whose agents one function hosts. */

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const app = new App({
  outdir: process.env["CDK_OUTDIR"] ?? pathOf("../../../.build/grouped.out"),
  context: FLAGS,
  analyticsReporting: false,
});
const stack = new Stack(app, "Grouped");
const stores = new AgentsStores(stack, "Agents", {});
const spine = new EventSpine(stack, "Spine", {
  application: pathOf("application.ts"),
  groups: {
    [GROUP]: {
      entry: pathOf("agents.ts"),
      environment: {
        CALENDAR_TABLE: stores.calendar.tableName,
        DOCUMENTS_BUCKET: stores.documents.bucketName,
      },
    },
  },
});
stores.grantCalendar(spine.agent("scheduling").function);
stores.grantDocuments(spine.agent("scheduling").function);
app.synth();
