/** A list in a source: what stands between its brackets. */
export interface SourceList {
  /** Just behind the opening bracket. */
  readonly start: number;
  /** At the closing one. */
  readonly end: number;
  /** Each item without the space around it. */
  readonly items: readonly { readonly start: number; readonly end: number }[];
}

const OPENING = "([{";
const CLOSING = ")]}";
const QUOTES = "'\"`";

/** The list behind the first match of a pattern that ends with its opening bracket; nothing where there is none. */
export function listAfter(text: string, pattern: RegExp): SourceList | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const start = found.index + found[0].length;
  const items: { start: number; end: number }[] = [];
  let from = start;
  let depth = 0;
  const take = (to: number): void => {
    const item = text.slice(from, to);
    const begins = from + item.length - item.trimStart().length;
    if (item.trim() !== "") items.push({ start: begins, end: begins + item.trim().length });
    from = to + 1;
  };
  for (let at = start; at < text.length; at = behind(text, at)) {
    const character = text[at] ?? "";
    if (OPENING.includes(character)) depth += 1;
    if (CLOSING.includes(character)) depth -= 1;
    if (depth < 0) {
      take(at);
      return { start, end: at, items };
    }
    if (character === "," && depth === 0) take(at);
  }
  return undefined;
}

/** Where the next character that counts may be: behind a string or comment that begins here, else one further. */
function behind(text: string, at: number): number {
  const character = text[at] ?? "";
  if (QUOTES.includes(character)) {
    let end = at + 1;
    while (end < text.length && text[end] !== character) end += text[end] === "\\" ? 2 : 1;
    return end + 1;
  }
  const until = text.startsWith("//", at) ? "\n" : text.startsWith("/*", at) ? "*/" : undefined;
  if (until === undefined) return at + 1;
  const end = text.indexOf(until, at + 2);
  return end < 0 ? text.length : end + until.length;
}

/** The text with one more item in a list, before the item at an index or at the end. */
export function withItem(text: string, list: SourceList, item: string, index = list.items.length): string {
  const isLong = text.slice(list.start, list.end).includes("\n");
  const next = list.items[index];
  if (next !== undefined)
    return inserted(text, next.start, `${item},${isLong ? indent(text, next.start) : " "}`);
  const last = list.items.at(-1);
  if (last === undefined) return inserted(text, list.start, item);
  return inserted(text, last.end, `,${isLong ? indent(text, last.start) : " "}${item}`);
}

/** The text with an import behind its others. */
export function withImport(text: string, line: string): string {
  const imports = [...text.matchAll(/^import\b[\s\S]*?["'];?$/gm)];
  const last = imports.at(-1);
  return last === undefined ? `${line}\n${text}` : inserted(text, last.index + last[0].length, `\n${line}`);
}

const inserted = (text: string, at: number, more: string): string =>
  text.slice(0, at) + more + text.slice(at);

/** A new line that begins as the one of a place does. */
function indent(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return `\n${/^\s*/.exec(line)?.[0] ?? ""}`;
}
