import { describe, expect, it } from "vitest";
import { ROOT, textOf } from "../architecture/source.ts";

const FAULTS = "test/package/consumer/faults";
// They belong to no project of this repository: test/package compiles them where the package is installed.
for (const path of [`${FAULTS}.spec.ts`, "test/package/consumer/matchers.spec.ts"])
  await import(`${ROOT}/${path}`);

describe("the tests that docs/testing.md shows", () => {
  it("are the same for Vitest, which runs them here, and for node:test, in examples.test.ts", () => {
    const forNode = textOf(`${FAULTS}.spec.ts`).replace('from "vitest"', 'from "node:test"');
    expect(textOf(`${FAULTS}.node.ts`)).toBe(forNode);
  });
});
