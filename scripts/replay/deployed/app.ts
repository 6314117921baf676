import { App } from "aws-cdk-lib";
import { FLAGS } from "../../../infra/settings/flags.ts";
import { ReplayStack } from "./stack.ts";

/*
 * Synthesizes the stack of one replay. REPLAY_BUILD is the folder of its modules, CDK_OUTDIR takes the template.
 */

const { REPLAY_BUILD: build, CDK_OUTDIR: outdir } = process.env;
if (build === undefined || outdir === undefined)
  throw new Error("REPLAY_BUILD and CDK_OUTDIR must be set; `npm run replay` sets them.");

const app = new App({ outdir, context: FLAGS, analyticsReporting: false });
new ReplayStack(app, "EventSpineReplay", { build });
app.synth();
