import { agentFunctionName } from "#aws/names.ts";
import { PREFIX, type LocalSpine } from "#local/local-spine.ts";

/** An invocation takes some milliseconds at least, so it is seen. */
const LOOK_MS = 1;

/** Kills an agent's process as soon as it works; gives the way to call it off. */
export function killAtWork({ cloud }: LocalSpine, agent: string, onKill: () => void): () => void {
  const name = agentFunctionName(PREFIX, agent);
  const look = setInterval(() => {
    if (cloud.functions.get(name)?.killAtWork(() => 0) !== true) return;
    clearInterval(look);
    onKill();
  }, LOOK_MS);
  return () => clearInterval(look);
}
