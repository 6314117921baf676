import type { Deployment } from "./settings/deployment.ts";

/**
 * What is deployed from here: a spine each, two stacks a spine. All that a deployment is stands here and in no shell, so that the
 * next one forgets nothing. Every field is described in settings/deployment.ts and docs/deploy.md. `npm start` runs the first.
 */
export const deployments: readonly Deployment[] = [{ prefix: "spine" }];
