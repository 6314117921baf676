import { describe, expect, it } from "vitest";
import { listAfter, withImport, withItem } from "../../../scripts/add/source-text.ts";

const LIST = /=\s*\[/;
const itemsOf = (text: string) => {
  const list = listAfter(text, LIST);
  return list?.items.map(({ start, end }) => text.slice(start, end));
};
const added = (text: string, item: string, index?: number): string => {
  const list = listAfter(text, LIST);
  return list === undefined ? "no list" : withItem(text, list, item, index);
};

describe("a list in a source", () => {
  it.each([
    ["const a = [];", []],
    ["const a = [one];", ["one"]],
    ["const a = [one, f(x, [y]), {z, w},];", ["one", "f(x, [y])", "{z, w}"]],
    [`const a = ["]", 'a,b', \`,\${x}\`];`, [`"]"`, `'a,b'`, "`,${x}`"]],
    ["const a = [one, // not, this ]\n  /* nor, ] */ two];", ["one", "// not, this ]\n  /* nor, ] */ two"]],
    ['const a = ["\\"]", b];', ['"\\"]"', "b"]],
  ])("of %j has its items", (text, items) => {
    expect(itemsOf(text)).toEqual(items);
  });

  it("is not found where it does not begin, or never ends", () => {
    expect(itemsOf("const a = 1;")).toBeUndefined();
    expect(itemsOf("const a = [one")).toBeUndefined();
  });

  it.each([
    ["const a = [];", "const a = [x];"],
    ["const a = [one];", "const a = [one, x];"],
    ["const a = [\n  one,\n  two,\n];", "const a = [\n  one,\n  two,\n  x,\n];"],
  ])("gets one more at its end: %j", (text, expected) => {
    expect(added(text, "x")).toBe(expected);
  });

  it("gets one before another", () => {
    expect(added("const a = [one, two];", "x", 1)).toBe("const a = [one, x, two];");
    expect(added("const a = [\n  one,\n  two,\n];", "x", 1)).toBe("const a = [\n  one,\n  x,\n  two,\n];");
  });
});

describe("an import", () => {
  it("stands behind the others, or first", () => {
    const text = 'import a from "a";\nimport {\n  b,\n} from "b";\n\nconst c = 1;\n';
    expect(withImport(text, 'import d from "d";')).toBe(text.replace('"b";\n', '"b";\nimport d from "d";\n'));
    expect(withImport("const c = 1;\n", 'import d from "d";')).toBe('import d from "d";\nconst c = 1;\n');
  });
});
