import { deployments } from "./deployments.ts";
import { readDeployments } from "./settings/deployment.ts";
import { onThisMachine } from "./settings/on-this-machine.ts";
import { newSpineApp } from "./stacks/spine-app.ts";
import { readAppVariables } from "./settings/variables.ts";

/*
 * The app as the local runtime has it: the first deployment, but for what the shell says of this start. CDK_OUTDIR takes the
 * template.
 */

const [first] = readDeployments(deployments);
const local = onThisMachine(first, readAppVariables());
newSpineApp(readDeployments([local]), process.env["CDK_OUTDIR"]).synth();
