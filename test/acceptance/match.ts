/**
 * Where an expectation and a value differ, as `path: what is wrong`; empty when they agree. Objects must have the same
 * keys and arrays the same length. An object with one of these keys says more than equality:
 *
 * `$any` any value; `$atLeast`, `$below` a number; `$oneOf` one of these; `$startsWith` a text;
 * `$contains` a text with all of these parts; `$excludes` a text with none of them; `$first` the first of a list.
 */
export const differences = (expected: unknown, actual: unknown, path = "result"): readonly string[] => {
  const wrong = (what: string): readonly string[] => [
    `${path}: ${what}, but it is ${JSON.stringify(actual)}`,
  ];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return wrong(`a list of ${expected.length} is expected`);
    return expected.flatMap((item: unknown, index) => differences(item, actual[index], `${path}[${index}]`));
  }
  if (!isRecord(expected))
    return Object.is(expected, actual) ? [] : wrong(`${JSON.stringify(expected)} is expected`);
  const keys = Object.keys(expected);
  if (keys.some((key) => key.startsWith("$"))) {
    return keys.flatMap((key) =>
      holds(key, expected[key], actual) ? [] : wrong(`${key} ${JSON.stringify(expected[key])} is expected`),
    );
  }
  if (!isRecord(actual)) return wrong("an object is expected");
  const surplus = Object.keys(actual).filter((key) => actual[key] !== undefined && !keys.includes(key));
  return [
    ...surplus.map((key) => `${path}.${key}: nothing is expected, but it is ${JSON.stringify(actual[key])}`),
    ...keys.flatMap((key) => differences(expected[key], actual[key], `${path}.${key}`)),
  ];
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const includes = (text: unknown, part: unknown): boolean =>
  typeof text === "string" && typeof part === "string" && text.toLowerCase().includes(part.toLowerCase());

const holds = (operator: string, wanted: unknown, actual: unknown): boolean => {
  switch (operator) {
    case "$any":
      return actual !== undefined;
    case "$atLeast":
      return typeof actual === "number" && typeof wanted === "number" && actual >= wanted;
    case "$below":
      return typeof actual === "number" && typeof wanted === "number" && actual < wanted;
    case "$oneOf":
      return list(wanted).some((option) => differences(option, actual).length === 0);
    case "$startsWith":
      return typeof actual === "string" && typeof wanted === "string" && actual.startsWith(wanted);
    case "$contains":
      return list(wanted).every((part) => includes(actual, part));
    case "$excludes":
      return typeof actual === "string" && !list(wanted).some((part) => includes(actual, part));
    case "$first":
      return differences(wanted, list(actual)[0]).length === 0;
    default:
      throw new Error(`An expectation uses an unknown operator: ${operator}`);
  }
};
