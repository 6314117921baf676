import type { ApiAnswer } from "./call.ts";

/** Where the next page begins, as the link of this one says. */
export function nextIn({ link }: ApiAnswer["headers"]): { readonly next?: string } {
  const [, next] = /[?&]cursor=([^&>]+)/.exec(link ?? "") ?? [];
  return next === undefined ? {} : { next: decodeURIComponent(next) };
}
