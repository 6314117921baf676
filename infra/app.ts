import { App } from "aws-cdk-lib";
import { createRequire } from "node:module";
import { CustomerCareStack, pathOf } from "./customer-care-stack.ts";
import { RecommendationStack } from "./recommendation-stack.ts";

/** What new CDK projects are advised to switch on; set here, so that the template is the same with and without the CLI. */
const flags = createRequire(import.meta.url)("aws-cdk-lib/recommended-feature-flags.json") as Record<
  string,
  unknown
>;

const app = new App({
  // The CLI names a folder of its own.
  outdir: process.env["CDK_OUTDIR"] ?? pathOf(".build/cdk.out"),
  context: flags,
  analyticsReporting: false,
});
const { SPINE_PREFIX: prefix } = process.env;
new CustomerCareStack(app, "EventSpine", { prefix });
new RecommendationStack(app, "EventSpineRecommendation", { prefix });
app.synth();
