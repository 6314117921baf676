import type { FlowLibrary } from "#ports/session-log.ts";

/** Flows in memory. */
export function createMemoryFlowLibrary(): FlowLibrary {
  const texts = new Map<string, string>();
  return {
    async put(hash, text) {
      if (!texts.has(hash)) texts.set(hash, text);
    },
    async get(hash) {
      return texts.get(hash);
    },
  };
}
