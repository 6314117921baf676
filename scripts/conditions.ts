import { evaluate, MAX_CONDITION_STEPS } from "#core/condition.ts";
import { costly, scope } from "./conditions/costly.ts";
import { startCpuTime } from "./sim/cpu-time.ts";

/** What one evaluation takes at the most: expressions that do much of one thing, over more than a session may hold. */
const ROUNDS = 5;
/** What one evaluation may take, on a core half as fast as this one. */
const MOST_MS = 25;

function measured(text: string): { readonly text: string; readonly ms: number; readonly ended: string } {
  let ms = Infinity;
  let ended = "";
  for (let round = 0; round < ROUNDS; round++) {
    const cpu = startCpuTime();
    const result = evaluate(text, scope);
    ms = Math.min(ms, cpu() * 1_000);
    ended = result.ok ? "a value" : result.error.includes("steps") ? "out of steps" : result.error;
  }
  return { text, ms, ended };
}

const rows = costly.map(measured).sort((a, b) => b.ms - a.ms);
console.log(
  `CPU time of one evaluation of at most ${MAX_CONDITION_STEPS} steps, best of ${ROUNDS}, the slowest first`,
);
for (const { text, ms, ended } of rows)
  console.log(`${ms.toFixed(1).padStart(6)} ms  ${ended.padEnd(13)} ${text}`);
const [slowest] = rows;
if (slowest === undefined || slowest.ms > MOST_MS) {
  console.error(`The slowest one takes more than ${MOST_MS} ms.`);
  process.exitCode = 1;
}
