import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { describeLetterBox } from "../letter-box.ts";

describeLetterBox("memory", () => Promise.resolve(createMemoryLetterBox()));
