import { afterAll } from "vitest";
import { endFile } from "./file-end.ts";

// Vitest runs this once more for every file.
afterAll(endFile);
