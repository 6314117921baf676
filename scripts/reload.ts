import { parseArgs } from "node:util";
import { percentile } from "./statistics.ts";
import { agentThatSays, editedApp } from "./reload/edited-app.ts";
import { startDev } from "./reload/dev-process.ts";

/*
 * Measures how long a saved agent takes to be live under `event-spine dev`: from the moment at which its file is written to the first reply
 * that its new code has made, HTTP and the session's commits included. npm run reload [-- --saves N]
 */

const { values } = parseArgs({ options: { saves: { type: "string", default: "20" } } });
const saves = Number(values.saves);
const app = editedApp();
try {
  const began = performance.now();
  const dev = await startDev(app);
  console.log(`dev is ready after ${Math.round(performance.now() - began)} ms.`);
  await dev.ask("warm", "HelloAsked");
  const took: number[] = [];
  for (let save = 1; save <= saves; save += 1) {
    const saved = performance.now();
    app.save("agents/hello.ts", agentThatSays(`Save ${save},`));
    for (let asked = 1; ; asked += 1) {
      const reply = await dev.ask(`save-${save}-${asked}`, "HelloAsked");
      if (JSON.stringify(reply).includes(`Save ${save},`)) break;
    }
    took.push(performance.now() - saved);
  }
  await dev.stop();
  const shown = [0, 0.5, 0.9, 1].map((share) => `${Math.round(percentile(took, share))} ms`);
  const [least, median, most90, most] = shown;
  console.log(
    `Save to live, ${saves} saves: median ${median} (least ${least}, p90 ${most90}, most ${most}).`,
  );
} finally {
  app.remove();
}
