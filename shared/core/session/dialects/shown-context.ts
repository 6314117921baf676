import { patchBetween, type PatchOperation } from "../../json-patch.ts";
import type { JsonObject } from "../../json.ts";
import { isSheet } from "../sheet.ts";

/** What readers see of a session's document: `context`, the session's own, and `sheets`, by run what is not in it yet. */
export function shownContext(document: JsonObject): JsonObject {
  const entries = Object.entries(document);
  return {
    context: Object.fromEntries(entries.filter(([section]) => !isSheet(section))),
    sheets: Object.fromEntries(
      entries.flatMap(([section, value]) => (isSheet(section) ? [[runOf(section), value]] : [])),
    ),
  };
}

/** What makes the shown form of one document that of another. */
export function shownPatch(before: JsonObject, after: JsonObject): readonly PatchOperation[] {
  return patchBetween(before, after).map((operation) => {
    const [, section = "", ...rest] = operation.path.split("/");
    const at = section.startsWith(SHEET) ? `/sheets/${section.slice(SHEET.length)}` : `/context/${section}`;
    return { ...operation, path: [at, ...rest].join("/") };
  });
}

/** How the section of a run's sheet begins in a pointer. */
const SHEET = "~0";
const runOf = (section: string): string => section.slice(1);
