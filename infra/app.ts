import { deployments } from "./deployments.ts";
import { readDeployments } from "./settings/deployment.ts";
import { newSpineApp } from "./stacks/spine-app.ts";
import { withoutSay } from "./settings/variables.ts";

const ignored = withoutSay();
if (ignored.length > 0)
  console.warn(
    `${ignored.join(", ")} of the shell does not affect a deployment, only npm start. Set it in infra/deployments.ts.`,
  );
newSpineApp(readDeployments(deployments), process.env["CDK_OUTDIR"]).synth();
