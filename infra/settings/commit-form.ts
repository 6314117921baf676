import { OLDEST_FORM, SCHEMA_VERSION } from "#core/session/commit.ts";

/** What a form of commits may be. */
export const FORMS = `a whole number from ${OLDEST_FORM} to ${SCHEMA_VERSION}`;

/** Gives the form back, or throws for one that this version does not have. */
export function checkForm(form: number): number {
  if (Number.isInteger(form) && form >= OLDEST_FORM && form <= SCHEMA_VERSION) return form;
  throw new Error(`${form} is no form of commits. Write ${FORMS}.`);
}
