import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "threads",
    // Half of the time went into importing the same modules for every file. What a file changes in them it takes back.
    isolate: false,
    testTimeout: 60_000,
    reporters: ["default"],
  },
});
