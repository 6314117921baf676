import { isJsonObject, type Json } from "../../json.ts";

const SEALED = "$sealed";
const ERASED = "$erased";

/** What stands for a personal value in whatever is stored or published. */
export const sealedValue = (text: string): Json => ({ [SEALED]: text });
/** What a personal value reads as when its key is gone. */
export const ERASED_VALUE: Json = { [ERASED]: true };

/** The text that a value is sealed in, where it is one. */
export const sealedIn = (value: Json): string | undefined => {
  const sealed = isJsonObject(value) ? value[SEALED] : undefined;
  return typeof sealed === "string" ? sealed : undefined;
};
/** Whether a value stands for a personal one already. */
export const isMarker = (value: Json): boolean =>
  sealedIn(value) !== undefined || (isJsonObject(value) && value[ERASED] === true);
/** Whether a text may hold sealed values. */
export const hasSealed = (text: string): boolean => text.includes(`{"${SEALED}":"`);
