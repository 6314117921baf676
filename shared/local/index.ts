/** The public door to AWS on this machine: a CDK app's template with everything it describes, in one process and without an account. */
export { createLocalCloud, type LocalCloud } from "./cloud.ts";
export { startLocalSpine, type LocalSpine, type LocalSpineOptions } from "./local-spine.ts";
export type { LogLine } from "./provision/site.ts";
export { synthesize, type SynthOptions, type Synthesis } from "./synth.ts";
