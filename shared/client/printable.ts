/**
 * What a terminal obeys or does not show, and what turns the order of what it shows around: control characters but line feed
 * and tab, bidirectional and invisible format characters, tags, lone surrogates.
 */
const OBEYED =
  /[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

/** The styles of our own lines: nothing, bold, dim, red, green, yellow. */
const STYLED = /(\u001b\[(?:0|1|2|31|32|33)m)/;

/**
 * A text whose characters a terminal only shows: each other one is written as an escape such as `\u001b`, which in JSON means the same. What
 * producers, agents and people wrote must not set somebody's clipboard, title or colours, or hide in what is shown.
 *
 * @example printable("a\u001b]52;c;cm0=\u0007") // a\u001b]52;c;cm0=\u0007, as text
 */
export function printable(text: string): string {
  return text.replaceAll(OBEYED, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** As `printable`, for lines that have styles of our own. */
export const printableStyled = (text: string): string =>
  text
    .split(STYLED)
    .map((part, at) => (at % 2 === 1 ? part : printable(part)))
    .join("");

/** Prints lines on standard output, in styles where it is a terminal. */
export function print(text: string): void {
  process.stdout.write(`${process.stdout.isTTY ? printableStyled(text) : printable(text)}\n`);
}

/** Prints lines on standard error. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}
