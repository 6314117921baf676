import { deployments } from "./deployments.ts";
import { readDeployments } from "./settings/deployment.ts";
import { newSpineApp } from "./stacks/spine-app.ts";
import { withoutSay } from "./settings/variables.ts";

const ignored = withoutSay();
if (ignored.length > 0)
  console.warn(
    `${ignored.join(", ")} of the shell has no say in what is deployed, only in what npm start runs. Write it into infra/deployments.ts.`,
  );
newSpineApp(readDeployments(deployments), process.env["CDK_OUTDIR"]).synth();
