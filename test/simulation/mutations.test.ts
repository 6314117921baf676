import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "#simulator/mutations/mutations.ts";

const ROOT = path.join(import.meta.dirname, "..", "..");

describe("a mutation", () => {
  it.each(MUTATIONS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
    "%s can be applied: the text it replaces occurs once",
    async (_name, { file, text }) => {
      expect((await readFile(path.join(ROOT, file), "utf8")).split(text)).toHaveLength(2);
    },
  );
});
