/**
 * Where a text stands in another one, from left to right. The time grows with the sum of their lengths, whatever they are (Knuth,
 * Morris and Pratt): what a text offers itself may take the product.
 */
export function* indexesOf(wanted: string, text: string, mayOverlap = true): Generator<number> {
  const { length } = wanted;
  const back = fallbacks(wanted);
  let same = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (same > 0 && unit !== wanted.charCodeAt(same)) same = back[same - 1] ?? 0;
    if (unit === wanted.charCodeAt(same)) same += 1;
    if (same < length) continue;
    yield at - length + 1;
    same = mayOverlap ? (back[length - 1] ?? 0) : 0;
  }
}

/** For each beginning of the text, how long an end of it is that is a beginning too. */
function fallbacks(text: string): Int32Array {
  const back = new Int32Array(text.length);
  for (let at = 1, same = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (same > 0 && unit !== text.charCodeAt(same)) same = back[same - 1] ?? 0;
    if (unit === text.charCodeAt(same)) same += 1;
    back[at] = same;
  }
  return back;
}

/** -1 where it does not stand. */
export function indexIn(text: string, wanted: string, from = 0): number {
  if (wanted === "") return from;
  for (const index of indexesOf(wanted, text)) if (index >= from) return index;
  return -1;
}

/** The last index that is not behind `from`; -1 where there is none. */
export function lastIndexIn(text: string, wanted: string, from = text.length): number {
  if (wanted === "") return from;
  let last = -1;
  for (const index of indexesOf(wanted, text)) {
    if (index > from) break;
    last = index;
  }
  return last;
}

/** The parts of a text; its single UTF-16 units where nothing parts them. */
export function splitBy(text: string, separator: string): string[] {
  if (separator === "") return text.split("");
  const parts: string[] = [];
  let from = 0;
  for (const index of indexesOf(separator, text, false)) {
    parts.push(text.slice(from, index));
    from = index + separator.length;
  }
  parts.push(text.slice(from));
  return parts;
}
