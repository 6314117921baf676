import { messageOf } from "#core/errors.ts";
import type { Scenario, VerifiedSpine } from "./verified-spine.ts";

/** Runs scenarios one after another, whatever came of the ones before, and says of each what did. Gives how many failed. */
export async function runScenarios(
  spine: VerifiedSpine,
  scenarios: readonly Scenario[],
  print: (line: string) => void,
): Promise<number> {
  let failed = 0;
  for (const { name, run } of scenarios) {
    const began = performance.now();
    try {
      await run(spine);
      print(`ok      ${name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      failed += 1;
      print(`FAILED  ${name}: ${messageOf(error)}`);
    }
  }
  print(`${scenarios.length - failed} of ${scenarios.length} passed.`);
  return failed;
}
