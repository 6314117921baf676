import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { describeSessionIndex } from "../session-index.ts";

describeSessionIndex("memory", () => Promise.resolve(createMemorySessionIndex()));
