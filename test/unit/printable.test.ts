import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableStyled } from "#client/printable.ts";

const ESCAPE = "\u001b";

describe("a printable text", () => {
  it.each([
    [`${ESCAPE}]52;c;cm0gLXJmIC8=\u0007`, "\\u001b]52;c;cm0gLXJmIC8=\\u0007", "sets no clipboard"],
    ["safe\rrm -rf", "safe\\u000drm -rf", "overwrites no line"],
    ["a\u009b31mb", "a\\u009b31mb", "begins no sequence by a single character"],
    ["user\u202egnp.exe", "user\\u202egnp.exe", "does not turn its order"],
    ["a\u2066b\u2069", "a\\u2066b\\u2069", "isolates nothing"],
    ["to\u{e0041}", "to\\udb40\\udc41", "hides no tags"],
    ["\ud800", "\\ud800", "is well formed"],
    ["Zoë 👩‍🚀\tquestion?\n", "Zoë 👩‍🚀\tquestion?\n", "keeps what people write"],
  ])("of %j is %s: it %s", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("means the same in JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const shown = printable(JSON.stringify(value));
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(shown).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it("keeps the styles of our own lines, and no other escape sequence", () => {
    const bold = `${ESCAPE}[1mseq${ESCAPE}[0m`;
    expect(printableStyled(`${bold} ${ESCAPE}[8m${ESCAPE}]0;title\u0007`)).toBe(
      `${bold} \\u001b[8m\\u001b]0;title\\u0007`,
    );
  });
});
