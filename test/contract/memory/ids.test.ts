import { expect, it } from "vitest";
import { createRandomIds } from "#node/random-ids.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { describeIds } from "../ids.ts";

describeIds("random", createRandomIds);
describeIds("seeded", () => createSeededIds("seed"));

const take = (seed: string | number, count: number) => {
  const ids = createSeededIds(seed);
  return Array.from({ length: count }, () => ids.next());
};

it("creates the same seeded ids in the same order for the same seed, and others for another", () => {
  expect(take(7, 100)).toEqual(take(7, 100));
  const other = new Set(take(8, 100));
  expect(take(7, 100).filter((id) => other.has(id))).toEqual([]);
});

it("creates other random ids in every process: two sources share none", () => {
  const [one, other] = [createRandomIds(), createRandomIds()];
  const made = new Set(Array.from({ length: 1_000 }, () => [one.next(), other.next()]).flat());
  expect(made.size).toBe(2_000);
});
