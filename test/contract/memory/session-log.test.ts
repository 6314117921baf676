import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { describeLocalSessionLog } from "../local-session-log.ts";
import { describeSessionLog } from "../session-log.ts";

const makeLog = () => Promise.resolve(createMemorySessionLog());

describeSessionLog("memory", makeLog);
describeLocalSessionLog("memory", makeLog);
