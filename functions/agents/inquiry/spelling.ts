/** Words that a misspelling may stand for. Only these are corrected; every other word is left as it was written. */
const DICTIONARY = (
  "appointment appointments visit visits booking booked schedule reschedule rearrange postpone cancel cancelled " +
  "quote quotes quotation estimate invoice confirmation confirm letter document agreement paperwork " +
  "boiler plumber plumbing electrician electrical electrics cleaning cleaner cleaners windows gardener gardening " +
  "garden painter painting decorator decorating locksmith roofer roofing roofs engineer technician inspection " +
  "service repair dishwasher washing machine radiator heating leaking " +
  "tomorrow monday tuesday wednesday thursday friday saturday sunday weekend " +
  "january february april august september october november december morning afternoon evening " +
  "recommend recommendation suggest complain complaint unhappy disappointed refund terrible available availability " +
  "package guarantee warranty payment opening prices urgent"
).split(" ");

/** Words of ordinary English that lie within one or two letters of a dictionary word. */
const ORDINARY = new Set(
  "quite quota clearing leaning meaning leaving canvas council letters latter better gardens paining mourning rooms repaid price priced services repairs repaired visited visitor machines unhappily hearing healing heading cleared learning compliant pointing printing planting widows electricity documents".split(
    " ",
  ),
);
const KNOWN = new Set(DICTIONARY);

/** Edit distance in which two swapped neighbours count as one mistake; `limit + 1` when it is larger. */
export const editDistance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? 0, limit + 1);
};

/** The dictionary word that a misspelt word most likely stands for; the word itself when none is near enough. */
export const corrected = (word: string): string => {
  if (word.length < 5 || KNOWN.has(word) || ORDINARY.has(word) || !/^[a-z]+$/.test(word)) return word;
  const limit = word.length >= 8 ? 2 : 1;
  let best = word;
  let least = limit + 1;
  for (const candidate of DICTIONARY) {
    if (candidate[0] !== word[0] || candidate === `${word}s` || `${candidate}s` === word) continue;
    const distance = editDistance(word, candidate, limit);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
};

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/\b(can|could|would|should|do|does|did|is|are|was|were|has|have|had)n't\b/g, "$1 not"],
  [/\bwon't\b/g, "will not"],
  [/\b(?:cannot|can't)\b/g, "can not"],
  [/\b(can|do|does|did|wo)nt\b/g, "$1 not"],
  [/\bi'm\b/g, "i am"],
  [/'d\b/g, " would"],
  [/'ll\b/g, " will"],
  [/'ve\b/g, " have"],
  [/\b(what|when|where|who|how|that|it|there|here|name)'s\b/g, "$1 is"],
  [/'re\b/g, " are"],
];

/** Lower case, one space between words, contractions opened, misspellings of dictionary words corrected. */
export const normalised = (text: string): string => {
  let plain = text
    .normalize("NFKD")
    .replace(/\p{Diacritic}/gu, "")
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u2013\u2014]/g, " - ")
    .toLowerCase();
  for (const [pattern, opened] of CONTRACTIONS) plain = plain.replace(pattern, opened);
  return plain
    .replace(/([?!;])/g, " $1 ")
    .replace(/[.,:](?=\s|$)/g, " , ")
    .replace(/[()"“”*_]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(corrected)
    .join(" ");
};
