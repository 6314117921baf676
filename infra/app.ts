import { App, Duration } from "aws-cdk-lib";
import { CustomerCareStack, pathOf } from "./customer-care-stack.ts";
import { FLAGS } from "./flags.ts";
import { RecommendationStack } from "./recommendation-stack.ts";

const app = new App({
  // The CLI names a folder of its own.
  outdir: process.env["CDK_OUTDIR"] ?? pathOf(".build/cdk.out"),
  context: FLAGS,
  analyticsReporting: false,
});
const {
  SPINE_PREFIX: prefix,
  BEDROCK_MODEL_ID: bedrockModel,
  SPINE_MIRROR: mirror = "",
  SPINE_RETENTION: retention = "",
  SPINE_PERSONAL: personal = "",
} = process.env;
new CustomerCareStack(app, "EventSpine", {
  prefix,
  bedrockModel,
  mirror: mirror !== "",
  ...(personal !== "" && { personal: personal.split(",") }),
  // In ISO 8601, such as P90D or PT10M.
  ...(retention !== "" && { retention: Duration.parse(retention) }),
});
new RecommendationStack(app, "EventSpineRecommendation", { prefix });
app.synth();
