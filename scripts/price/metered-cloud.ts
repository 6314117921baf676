import { createLocalCloud, type LocalCloud } from "#local/cloud.ts";
import { createMeter, type Meter } from "./meter.ts";

/** Runs a template on this machine with everything weighed that its functions ask for and log, for as long as `use` takes. */
export async function withMeteredCloud<Result>(
  templateDir: string,
  use: (cloud: LocalCloud, meter: Meter) => Promise<Result>,
): Promise<Result> {
  const meter = createMeter();
  const { around, onLog } = meter;
  // One process a function: a second one that starts under way would read its secret among the session's requests.
  // The relay takes each commit alone, as it does where there is little to do: several at once are what a slow machine makes of it. It takes
  // it a moment later, as a stream does on AWS: whoever answers at once has answered by then, on a slow machine too.
  const cloud = await createLocalCloud({
    templateDir,
    maxProcesses: 1,
    streamBatchSize: 1,
    streamWaitMs: [300, 300],
    around,
    onLog,
  });
  try {
    return await use(cloud, meter);
  } finally {
    await cloud.stop();
  }
}
