import assert from "node:assert/strict";

/** Asserts that every field of `part` is in `whole`; lists are compared as they are. */
export function assertPart(whole: unknown, part: unknown, path: string): void {
  if (typeof part !== "object" || part === null || Array.isArray(part))
    return assert.deepEqual(whole, part, path);
  for (const [key, value] of Object.entries(part)) {
    const inner =
      typeof whole === "object" && whole !== null
        ? (whole as Readonly<Record<string, unknown>>)[key]
        : undefined;
    assertPart(inner, value, `${path}.${key}`);
  }
}
