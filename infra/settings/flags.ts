import { createRequire } from "node:module";

/** What new CDK projects are advised to switch on; set in code, so that the template is the same with and without the CLI. */
export const FLAGS = createRequire(import.meta.url)("aws-cdk-lib/recommended-feature-flags.json") as Record<
  string,
  unknown
>;
