import { createMemoryScores } from "#memory/memory-scores.ts";
import { describeScores } from "../scores.ts";

describeScores("memory", () => Promise.resolve(createMemoryScores()));
