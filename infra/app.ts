import { App } from "aws-cdk-lib";
import { CustomerCareStack, pathOf } from "./customer-care-stack.ts";
import { FLAGS } from "./flags.ts";
import { readQuotas } from "./quotas.ts";
import { RecommendationStack } from "./recommendation-stack.ts";

const app = new App({
  // The CLI names a folder of its own.
  outdir: process.env["CDK_OUTDIR"] ?? pathOf(".build/cdk.out"),
  context: FLAGS,
  analyticsReporting: false,
});
const { SPINE_PREFIX: prefix, BEDROCK_MODEL_ID: bedrockModel, SPINE_MIRROR: mirror = "" } = process.env;
const quotas = readQuotas(process.env["SPINE_QUOTA"]);
new CustomerCareStack(app, "EventSpine", { prefix, bedrockModel, quotas, mirror: mirror !== "" });
new RecommendationStack(app, "EventSpineRecommendation", { prefix });
app.synth();
