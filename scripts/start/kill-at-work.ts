import { agentFunctionName } from "#aws/names.ts";
import type { LocalSpine } from "./local-spine.ts";
import { PREFIX } from "./local-spine.ts";

/** An invocation takes some milliseconds at least, so it is seen. */
const LOOK_MS = 1;

/** Kills the processes of an agent as soon as one works; gives the way to call it off. */
export function killAtWork({ cloud }: LocalSpine, agent: string, onKill: () => void): () => void {
  const name = agentFunctionName(PREFIX, agent);
  const look = setInterval(() => {
    if ((cloud.functions.get(name)?.busy ?? 0) === 0) return;
    clearInterval(look);
    onKill();
    cloud.kill(name);
  }, LOOK_MS);
  return () => clearInterval(look);
}
