import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { EventSpine } from "../../../infra/constructs/event-spine.ts";
import { FLAGS } from "../../../infra/settings/flags.ts";
import { EVERYBODY, RIGHTS } from "#core/rights.ts";

/** A stack with agents that can be made to fail, of the same constructs as any other. */

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const agent = (name: string) => ({ entry: pathOf(`agents/${name}.ts`) });

const app = new App({
  outdir: process.env["CDK_OUTDIR"] ?? pathOf("../../../.build/faults.out"),
  context: FLAGS,
  analyticsReporting: false,
});
new EventSpine(new Stack(app, "Faults"), "Spine", {
  application: pathOf("application.ts"),
  agents: { steady: agent("steady"), piece: agent("piece"), risky: agent("risky"), worker: agent("worker") },
  rights: { [EVERYBODY]: RIGHTS },
});
app.synth();
