import { parseArgs } from "node:util";
import { DEFAULT_PREFIX } from "#aws/names.ts";
import { messageOf } from "#core/errors.ts";
import { print, say } from "#client/printable.ts";
import { deployedTarget } from "#client/deployed-target.ts";
import { TargetError, UsageError } from "#client/usage-error.ts";
import { openSpine } from "./verify-deployed/open-spine.ts";
import { runScenarios } from "./verify-deployed/run-scenarios.ts";
import { SCENARIOS } from "./verify-deployed/scenarios.ts";

/*
 * Plays scenarios on a spine that is deployed in an AWS account, with the credentials that the AWS CLI would use. Exit code 0 when all
 * of them hold, 1 when one does not or there is no spine to be reached, 2 if the arguments cannot be used.
 */

const USAGE = `npm run verify:deployed -- [--prefix NAME] [--region REGION] [--ingress URL] [--source NAME] [--listener QUEUE_URL]
It needs a deployed spine with the sample application (npx cdk deploy --all), its Region, and credentials with the rights that
docs/deploy.md lists. It leaves its sessions, named verify-…, in the log.`;
const SOURCE = "com.example.verify";

function readArguments() {
  const option = { type: "string" } as const;
  const options = { prefix: option, region: option, ingress: option, source: option, listener: option };
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    throw new UsageError(messageOf(cause), { cause });
  }
}

async function main(): Promise<number> {
  const { prefix = DEFAULT_PREFIX, region, ingress, source = SOURCE, listener } = readArguments();
  const target = await deployedTarget({ prefix, region, ingress });
  print(`${target.where}, prefix ${prefix}`);
  const { spine, close } = await openSpine(target, { source, listener });
  try {
    return (await runScenarios(spine, SCENARIOS, print)) === 0 ? 0 : 1;
  } finally {
    await close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`verify:deployed: ${messageOf(error)}`);
  if (error instanceof UsageError || error instanceof TargetError) console.error(USAGE);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
