import { describe, expect, it } from "vitest";
import { fieldsOf, formValue } from "#console/model/form-fields.ts";

const schema = {
  type: "object",
  properties: {
    what: { enum: ["book", "refuse"], title: "What now?" },
    way: { anyOf: [{ const: "a" }, { const: "b" }] },
    note: { type: "string", description: "for the customer" },
    pounds: { type: "number" },
    sure: { type: "boolean" },
    rest: { type: "object" },
  },
  required: ["what", "sure"],
};
const fields = fieldsOf(schema) ?? [];

describe("the form of an answer", () => {
  it("has a field for each property of its schema", () => {
    expect(
      fields.map(({ name, kind, isRequired, choices }) => [name, kind, isRequired, choices.length]),
    ).toEqual([
      ["what", "choice", true, 2],
      ["way", "choice", false, 2],
      ["note", "text", false, 0],
      ["pounds", "number", false, 0],
      ["sure", "boolean", true, 0],
      ["rest", "json", false, 0],
    ]);
    expect(fields[0]).toMatchObject({ label: "What now?" });
    expect(fields[2]).toMatchObject({ about: "for the customer" });
  });

  it("is none where the answer is no object of fields", () => {
    expect(fieldsOf(undefined)).toBeUndefined();
    expect(fieldsOf({ type: "string" })).toBeUndefined();
    expect(fieldsOf(true)).toBeUndefined();
  });

  it("gives the value that was filled in, without what was left empty", () => {
    const given = { what: "book", pounds: "12.5", sure: "true", rest: '{"a":[1]}', note: "" };
    expect(formValue(fields, given)).toEqual({
      ok: true,
      value: { what: "book", pounds: 12.5, sure: true, rest: { a: [1] } },
    });
  });

  it("names the field that is missing or wrong", () => {
    expect(formValue(fields, { sure: "true" })).toEqual({
      ok: false,
      field: "what",
      problem: "What now? is missing.",
    });
    expect(formValue(fields, { what: "book", pounds: "many" })).toMatchObject({ ok: false, field: "pounds" });
    expect(formValue(fields, { what: "book", rest: "{" })).toMatchObject({ ok: false, field: "rest" });
  });
});
