import { describe, expect, it } from "vitest";
import { createExamples } from "./docstring-examples.ts";

const TIMEOUT_MS = 180_000;

describe("the docstrings of the package", () => {
  const examples = createExamples();

  it("have an example for every function, class and builder that is exported", () => {
    expect(examples.documented.length).toBeGreaterThan(40);
    const without = examples.documented.filter((one) => one.examples.length === 0);
    expect(without.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
  });

  it(
    "have examples that compile with imports from the package; one with an option that does not exist would not",
    () => {
      const wrong = { entry: ".", name: "wrong", examples: ["step(prices, { patience: 1 });"] };
      expect(examples.problems([...examples.documented, wrong])).toEqual([
        expect.stringMatching(/^\. wrong: .*'patience' does not exist/),
      ]);
    },
    TIMEOUT_MS,
  );
});
