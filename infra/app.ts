import { App, Duration } from "aws-cdk-lib";
import { CustomerCareStack, pathOf } from "./customer-care-stack.ts";
import { FLAGS } from "./flags.ts";
import { readQuotas } from "./quotas.ts";
import { RecommendationStack } from "./recommendation-stack.ts";
import { readTracingVariable } from "./tracing.ts";
import { readAppVariables } from "./variables.ts";

const app = new App({
  // The CLI names a folder of its own.
  outdir: process.env["CDK_OUTDIR"] ?? pathOf(".build/cdk.out"),
  context: FLAGS,
  analyticsReporting: false,
});
const { prefix, bedrockModel, mirror, quota, retention, personal, tracing: traced } = readAppVariables();
const tracing = readTracingVariable(traced);
const quotas = readQuotas(quota);
new CustomerCareStack(app, "EventSpine", {
  prefix,
  bedrockModel,
  quotas,
  tracing,
  mirror: mirror !== undefined,
  ...(personal !== undefined && { personal: personal.split(",") }),
  // In ISO 8601, such as P90D or PT10M.
  ...(retention !== undefined && { retention: Duration.parse(retention) }),
});
new RecommendationStack(app, "EventSpineRecommendation", { prefix, tracing });
app.synth();
