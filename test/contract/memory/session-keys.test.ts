import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { describeSessionKeys } from "../session-keys.ts";

describeSessionKeys("memory", () => {
  const keys = createMemorySessionKeys();
  return Promise.resolve({ keys, anew: () => keys });
});
