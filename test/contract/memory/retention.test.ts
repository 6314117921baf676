import { createMemoryRetentionIndex } from "#memory/memory-retention-index.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { describeExpiringLog } from "../expiring-log.ts";
import { describeRetentionIndex } from "../retention-index.ts";

describeExpiringLog("memory", () => Promise.resolve(createMemorySessionLog()));
describeRetentionIndex("memory", () => Promise.resolve(createMemoryRetentionIndex()));
