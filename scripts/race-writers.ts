import { parseArgs } from "node:util";
import { between } from "#memory/seeded-chance.ts";
import { everyOrder, raceProblem, raceWriters, type RaceResult } from "#simulator/race.ts";

const { values } = parseArgs({
  options: { writers: { type: "string", default: "20" }, orders: { type: "string", default: "10000" } },
});
const writers = Number(values.writers);
const wanted = Number(values.orders);

function hold(result: RaceResult): void {
  const problem = raceProblem(result);
  if (problem !== undefined) throw new Error(problem);
}

const three = await everyOrder(3, hold);
console.log(`3 writers: every one of ${three} orders of reads and puts commits each input exactly once`);
let lost = 0;
for (let seed = 0; seed < wanted; seed++) {
  let turns = 0;
  const result = await raceWriters(writers, (waiting) => between(seed, `turn ${turns++}`, 0, waiting - 1));
  hold(result);
  lost += result.lost;
  if ((seed + 1) % 1_000 === 0) console.error(`${seed + 1} orders`);
}
console.log(
  `${writers} writers: ${wanted} random orders commit each input exactly once; ${(lost / wanted).toFixed(1)} lost races each`,
);
