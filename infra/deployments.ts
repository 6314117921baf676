import type { Deployment } from "./settings/deployment.ts";

/**
 * The deployments: a spine each, two stacks per spine. Only this file defines a deployment, never a shell, so that the next
 * deployment is the same. settings/deployment.ts and docs/deploy.md describe every field. `npm start` runs the first entry.
 */
export const deployments: readonly Deployment[] = [{ prefix: "spine", commitForm: 4 }];
