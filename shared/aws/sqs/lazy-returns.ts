import { onDemand } from "../on-demand.ts";
import type { OnTrouble, ReturnSoon } from "./sqs-returns.ts";

/** Returns whose client is loaded at the first message that has to come again. */
export function createLazyReturns(queuePrefix: string, onTrouble: OnTrouble): ReturnSoon {
  const returns = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultSqsReturns } = await import("#aws/sqs/sqs-returns.ts");
    return createDefaultSqsReturns(queuePrefix, onTrouble);
  });
  return async (...returned) => {
    if (returned[1].length > 0) await (await returns())(...returned);
  };
}
