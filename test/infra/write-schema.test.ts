import { describe, expect, it } from "vitest";
import * as z from "zod";
import { schemaOfJson } from "#core/json-schema.ts";
import { writeSchema } from "../../infra/bundling/write-schema.ts";

const at = (field: z.ZodType) => writeSchema(z.object({ rows: z.array(z.object({ at: field })) }));

describe("a schema that data cannot express", () => {
  it.each<[string, z.ZodType, string]>([
    ["a refinement", z.string().refine((one) => one !== "x"), "has a refinement"],
    ["a check of several fields", z.object({}).superRefine(() => undefined), "has a refinement"],
    ["a trimmed text", z.string().trim(), "is overwritten (trimmed, lower-cased …)"],
    ["a transformation", z.string().transform(Number), "is transformed"],
    ["a text that is made of what came", z.preprocess(String, z.string()), "is transformed"],
    ["a coercion", z.coerce.number(), "is coerced"],
    ["a default", z.string().default("x"), "has a default"],
    ["a value to fall back on", z.string().catch("x"), "has a catch value"],
    ["a date", z.date(), "is of the type date"],
    ["a class", z.instanceof(URL), "has a refinement"],
    ["an address", z.url(), "has the format url, which code checks"],
    ["base64", z.base64(), "has the format base64, which code checks"],
    ["a multiple", z.number().multipleOf(0.01), "has multipleOf"],
    ["a pattern that moves on", z.string().regex(/a/g), "has a pattern with the flag g"],
    ["a pattern of code points", z.string().regex(/^.$/u), "has a pattern with the flag u"],
    ["one of several and no two", z.xor([z.string(), z.number()]), "is an exclusive union"],
    ["two at once", z.intersection(z.object({}), z.object({})), "is an intersection"],
    ["keys of a list", z.record(z.enum(["a"]), z.string()), "is a record whose keys are restricted"],
    [
      "a field that every object has",
      z.object({ constructor: z.string() }),
      "has a field constructor, which every object inherits",
    ],
    [
      "a check around what may be missing",
      z
        .string()
        .optional()
        .refine(() => true),
      "has an optional field inside a check",
    ],
  ])("is %s, and it is reported with its place", (_, field, problem) => {
    const written = at(field);
    expect(written).toMatchObject({ problem });
    expect("field" in written && written.field).toMatch(/^rows\.\[\](\.at)?$/);
  });

  it("is a schema of another library", () => {
    const other = {
      "~standard": { version: 1, vendor: "x", validate: (value: unknown) => ({ value }) },
    } as const;
    expect(writeSchema(other)).toEqual({ field: "", problem: "is not a schema of zod 4" });
  });
});

describe("a value's problem", () => {
  const told = (schema: z.ZodType, value: unknown) => {
    const written = writeSchema(schema);
    const result = schemaOfJson("schema" in written ? written.schema : {})["~standard"].validate(value);
    return "issues" in result
      ? result.issues?.map(({ path = [], message }) => [path.join("."), message])
      : [];
  };

  it.each<[string, z.ZodType, unknown, string[][]]>([
    [
      "a type",
      z.object({ a: z.string() }),
      { a: 1 },
      [["a", "Invalid input: expected string, received number"]],
    ],
    [
      "what is missing",
      z.object({ a: z.int() }),
      {},
      [["a", "Invalid input: expected integer, received undefined"]],
    ],
    ["what is unknown", z.strictObject({}), { b: 1 }, [["b", "Unrecognized key"]]],
    ["a choice", z.enum(["a", "b"]), "c", [["", 'Invalid option: expected one of "a"|"b"']]],
    [
      "a length",
      z.array(z.string().min(2)),
      ["a"],
      [["0", "Too small: expected string to have >=2 characters"]],
    ],
    [
      "a number",
      z.number().lt(3).min(4),
      3,
      [
        ["", "Too small: expected number to be >=4"],
        ["", "Too big: expected number to be <3"],
      ],
    ],
    ["a pattern", z.string().regex(/^a$/), "b", [["", "Invalid string: must match pattern /^a$/"]]],
  ])("is described for %s as zod does", (_, schema, value, problems) => {
    expect(told(schema, value)).toEqual(problems);
  });

  const outcome = z.discriminatedUnion("is", [
    z.object({ is: z.literal("ok"), result: z.string() }),
    z.object({ is: z.literal("failed"), error: z.object({ code: z.string() }) }),
  ]);

  it("is described for the member of a union that the value matches best", () => {
    expect(told(outcome, { is: "failed", error: {} })).toEqual([
      ["error.code", "Invalid input: expected string, received undefined"],
    ]);
    expect(told(outcome, { is: "late" })).toEqual([["is", 'Invalid option: expected one of "ok"|"failed"']]);
    expect(told(z.union([z.string(), z.number()]), null)).toEqual([
      ["", "Invalid input: matches none of 2 alternatives"],
    ]);
  });
});
