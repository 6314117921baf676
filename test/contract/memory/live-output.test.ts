import { createMemoryLiveOutput } from "#memory/memory-live-output.ts";
import { describeLiveOutput } from "../live-output.ts";

describeLiveOutput("memory", () => Promise.resolve(createMemoryLiveOutput()));
