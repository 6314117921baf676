import { posix } from "node:path";

const OUTSIDE = /^(?:[a-z]+:|#|\/\/)/i;

/** Where a page of Markdown stands on the site: `README.md` is the start of its folder. */
export const siteOf = (path: string): string =>
  path.replace(/(^|\/)README\.md$/, "$1index.html").replace(/\.md$/, ".html");

export interface SiteLink {
  /** What the site's page refers to. */
  readonly href: string;
  /** The file or folder of the repository that must be on the site, from the root; none for what is elsewhere. */
  readonly target?: string;
}

/** What a link of a page becomes on the site. */
export function siteLink(page: string, href: string, isFolder: (path: string) => boolean): SiteLink {
  if (OUTSIDE.test(href)) return { href };
  const [path = "", anchor] = href.split("#");
  const target = posix.join(posix.dirname(page), path).replace(/\/$/, "");
  const there = isFolder(target) ? `${target}/index.html` : siteOf(target);
  const from = posix.dirname(siteOf(page));
  return { href: posix.relative(from, there) + (anchor === undefined ? "" : `#${anchor}`), target };
}
