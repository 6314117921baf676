import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The consumer's own tests, as they run under Vitest, under Jest: only where `it` and `expect` come from is another. */
export default {
  rootDir: ROOT,
  roots: [join(ROOT, "test/package/consumer")],
  testMatch: ["**/*.spec.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      join(import.meta.dirname, "node_modules/@swc/jest/index.js"),
      { jsc: { target: "es2024", parser: { syntax: "typescript" } }, swcrc: false },
    ],
  },
  moduleNameMapper: {
    "^vitest$": join(import.meta.dirname, "support/jest-globals.mjs"),
    "^event-spine/testing$": join(ROOT, "shared/testing/index.ts"),
    "^event-spine$": join(ROOT, "shared/core/index.ts"),
  },
  haste: { enableSymlinks: false },
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/packages"],
};
