import { OLDEST_FORM, SCHEMA_VERSION } from "#core/session/commit.ts";

/** What a form of commits may be. */
export const FORMS = `a whole number from ${OLDEST_FORM} to ${SCHEMA_VERSION}`;

/** Returns the form, or throws for one that this version does not support. */
export function checkForm(form: number): number {
  if (Number.isInteger(form) && form >= OLDEST_FORM && form <= SCHEMA_VERSION) return form;
  throw new Error(`${form} is not a form of commits. Write ${FORMS}.`);
}
