import { join } from "node:path";
import { defineConfig } from "vitest/config";

const ROOT = join(import.meta.dirname, "../..");

export default defineConfig({
  root: import.meta.dirname,
  // The examples of the pages name the package as its users do.
  resolve: {
    alias: [
      { find: /^event-spine\/adapters\/(.+)$/, replacement: join(ROOT, "shared/adapters/from-$1.ts") },
      { find: "event-spine/adapters", replacement: join(ROOT, "shared/adapters/index.ts") },
      { find: "event-spine/testing", replacement: join(ROOT, "shared/testing/index.ts") },
      { find: "event-spine", replacement: join(ROOT, "shared/core/index.ts") },
    ],
  },
  test: { include: ["**/*.test.ts"], exclude: ["**/node_modules/**"], testTimeout: 30_000 },
});
