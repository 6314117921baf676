/** What a page may be, in characters of its JSON: a function answers with 6 MB at most, in which every quote is written with a backslash. */
const MOST_CHARACTERS = 1_000_000;

/** As many of the items as fit a page, and one at least. */
export function pageOf<T>(items: readonly T[], mostCharacters = MOST_CHARACTERS): readonly T[] {
  let characters = 0;
  const over = items.findIndex((item) => (characters += JSON.stringify(item).length) > mostCharacters);
  return over === -1 ? items : items.slice(0, Math.max(1, over));
}
