import { isJsonObject, type Json, type JsonObject } from "../../json.ts";

const SEALED = "$sealed";
const ERASED = "$erased";

/** What stands for a personal value in whatever is stored or published. */
export const sealedValue = (text: string): Json => ({ [SEALED]: text });
/** What a personal value reads as when its key is gone. */
export const ERASED_VALUE: Json = { [ERASED]: true };

/** The text that a value is sealed in, where it is one: nothing stands beside it. */
export const sealedIn = (value: JsonObject): string | undefined => {
  const sealed = value[SEALED];
  return typeof sealed === "string" && Object.keys(value).length === 1 ? sealed : undefined;
};

/** What a reader without the value is told in its place. */
export const wordsFor = (value: JsonObject): string | undefined =>
  sealedIn(value) !== undefined
    ? "(sealed)"
    : value[ERASED] === true && Object.keys(value).length === 1
      ? "(erased)"
      : undefined;

/** A name that only the spine gives, or one that stands for such a name of somebody else. */
const OURS = /^\$+(?:sealed|erased)$/;
const ESCAPED = /^\$\$+(?:sealed|erased)$/;

/** Somebody else's field by the name that it is stored under where markers stand: with one more `$`. */
export const escapedKey = (key: string): string => (OURS.test(key) ? `$${key}` : key);
/** The name that such a field came with. */
export const saidKey = (key: string): string => (ESCAPED.test(key) ? key.slice(1) : key);

/** Whether a text that is about to be stored may hold fields that look like markers. */
export const mayMislead = (text: string): boolean =>
  text.includes(`${SEALED}"`) || text.includes(`${ERASED}"`);
const STORED = /"(?:\$sealed|\$\$+(?:sealed|erased))"/;
/** Whether a stored text may hold sealed values, or fields that were renamed for looking like one. */
export const hasSealed = (text: string): boolean => STORED.test(text);

/** A value of which no field passes for a marker. */
export function escapeValues(value: Json): Json {
  if (Array.isArray(value)) return value.map(escapeValues);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [escapedKey(key), escapeValues(inner)]),
  );
}
