import { parseArguments, USAGE } from "./faults/arguments.ts";
import { runAgentTrouble } from "./faults/commands/agent.ts";
import { runCrashes } from "./faults/commands/crashes.ts";
import { runUrgent } from "./faults/commands/urgent.ts";

/*
 * Makes the deployed functions, their template and the local runtime go wrong, and holds what comes of it to the promises.
 * Exit code 0 when they are kept, 1 when not, 2 if the arguments cannot be used.
 */

try {
  const chosen = parseArguments(process.argv.slice(2));
  const kept = await (chosen.command === "agent"
    ? runAgentTrouble(chosen)
    : chosen.command === "urgent"
      ? runUrgent(chosen)
      : runCrashes(chosen));
  process.exitCode = kept ? 0 : 1;
} catch (error) {
  console.error(`faults: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof TypeError) console.error(USAGE);
  process.exitCode = 2;
}
