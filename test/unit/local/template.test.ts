import { describe, expect, it } from "vitest";
import { Properties } from "#local/template/properties.ts";
import { resolveValue, type Scope } from "#local/template/resolve-value.ts";

const scope: Scope = {
  owner: "Stack/Thing",
  pseudo: { "AWS::Region": "here", "AWS::AccountId": "000000000000" },
  ref: (id) => `ref-of-${id}`,
  attribute: (id, name) => `${name}-of-${id}`,
  importValue: (name) => `import-of-${name}`,
};

describe("a template's functions", () => {
  it.each([
    ["a literal", { a: [1, true, "x"] }, { a: [1, true, "x"] }],
    ["Ref", { Ref: "Queue" }, "ref-of-Queue"],
    ["Ref to a pseudo parameter", { Ref: "AWS::Region" }, "here"],
    ["Fn::GetAtt as a list", { "Fn::GetAtt": ["Queue", "Arn"] }, "Arn-of-Queue"],
    ["Fn::GetAtt as a text", { "Fn::GetAtt": "Queue.Nested.Arn" }, "Nested.Arn-of-Queue"],
    ["Fn::Join", { "Fn::Join": [":", ["arn", { Ref: "AWS::Region" }, "x"]] }, "arn:here:x"],
    [
      "Fn::Sub",
      { "Fn::Sub": "a-${AWS::AccountId}-${Queue.Arn}-${Queue}" },
      "a-000000000000-Arn-of-Queue-ref-of-Queue",
    ],
    ["Fn::Sub with variables", { "Fn::Sub": ["${X}/${Y}", { X: { Ref: "A" }, Y: "y" }] }, "ref-of-A/y"],
    ["Fn::Sub with an escape", { "Fn::Sub": "${!Literal}" }, "${Literal}"],
    ["Fn::Split and Fn::Select", { "Fn::Select": [1, { "Fn::Split": ["-", { Ref: "A" }] }] }, "of"],
    ["Fn::ImportValue", { "Fn::ImportValue": "Shared" }, "import-of-Shared"],
    ["functions deep inside", { a: [{ b: { Ref: "A" } }] }, { a: [{ b: "ref-of-A" }] }],
  ])("resolve: %s", (_what, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  it.each([
    ["an unknown function", { "Fn::Cidr": ["10.0.0.0/8", 2, 8] }, /Stack\/Thing.*Fn::Cidr/],
    ["a condition", { "Fn::If": ["c", 1, 2] }, /Fn::If/],
    ["an unknown pseudo parameter", { Ref: "AWS::NotificationARNs" }, /AWS::NotificationARNs/],
    ["a function beside other fields", { Ref: "A", more: 1 }, /beside/],
    ["a selection beyond the end", { "Fn::Select": [5, ["a"]] }, /finds nothing/],
  ])("are rejected with the resource's name: %s", (_what, value, message) => {
    expect(() => resolveValue(value, scope)).toThrow(message);
  });
});

describe("properties", () => {
  it("are rejected when no code has read them", () => {
    const properties = new Properties("Stack/Queue", { Known: "x", Novel: 1, Odd: 2 });
    expect(properties.text("Known")).toBe("x");
    properties.withoutLocalMeaning({ Odd: "a reason" });
    expect(() => properties.done()).toThrow(
      "Stack/Queue has Novel, which the local runtime does not understand.",
    );
  });

  it("are read as the expected type, or rejected", () => {
    const properties = new Properties("Stack/Queue", { n: "5", yes: "true", list: "x", text: 1 });
    expect(properties.number("n")).toBe(5);
    expect(properties.flag("yes")).toBe(true);
    expect(properties.optionalNumber("absent")).toBeUndefined();
    expect(() => properties.texts("list")).toThrow(/a list/);
    expect(() => properties.text("text")).toThrow(/a text/);
    expect(() => properties.text("absent")).toThrow("Stack/Queue lacks absent.");
    expect(() => properties.only("n", "6")).toThrow(/must be 6/);
  });
});
