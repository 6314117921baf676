import { SPINE_COMMAND } from "#client/spine-command.ts";
import type { Command } from "./command.ts";

/** How the commands are called. */
export function usage(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, usage: rest, about }) => [`  ${name} ${rest}`, `      ${about}`]);
  return `${SPINE_COMMAND} COMMAND …

${lines.join("\n")}

Which spine: by default the one that \`npm start\` runs on this machine.
  --file FILE      none: reads the sessions of a file that \`export\` wrote, or of a folder of \`npm start -- --data DIR\`
  --local DIR      the one on this machine that was started with --data DIR
  --prefix PREFIX  the deployed one of that prefix, with the credentials that the AWS CLI would use
  --region REGION  its Region (default: AWS_REGION, or the profile's)
  --ingress URL    its ingress, instead of looking it up (default: SPINE_INGRESS_URL)`;
}
