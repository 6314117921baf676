import type { HttpRequest } from "#runtime/doors/http/http-message.ts";

/** Those of some headers that are there, each as one text. */
export const headersOf = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, String(value)] as const];
    }),
  );

/** A query as it stands in an address, with its question mark; nothing for an empty one. */
export function searchOf(query: HttpRequest["query"]): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}
