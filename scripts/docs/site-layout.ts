import { posix } from "node:path";
import { escaped } from "../pages/escaped.ts";

export interface NavigationEntry {
  readonly title: string;
  /** On the site, from its root. */
  readonly at: string;
}

export interface NavigationChapter {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}

/** What all pages look like: system fonts, light and dark, nothing from elsewhere. */
export const STYLE = `:root{color-scheme:light dark;--line:#8884;--link:#0b5cad;--soft:#8882}
@media(prefers-color-scheme:dark){:root{--link:#8ab8ff}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{padding:1rem;border-right:1px solid var(--line);height:100vh;position:sticky;top:0;overflow:auto;font-size:.9rem}
nav h2{font-size:.8rem;margin:1rem 0 .25rem;opacity:.75}nav ul{list-style:none;margin:0;padding:0}nav li{margin:.15rem 0}
nav [aria-current]{font-weight:600}
main{padding:1rem 2rem 4rem;max-width:62rem}
a{color:var(--link)}h1,h2,h3{line-height:1.25}h2{margin-top:2.2rem}
code,pre{font:.87em/1.5 ui-monospace,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:.25em}
pre{background:var(--soft);padding:.8rem 1rem;overflow:auto;border-radius:.4rem}pre code{background:none;padding:0}
.table{overflow:auto}table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
img{max-width:100%}
@media(max-width:52rem){body{display:block}nav{position:static;height:auto;border:0;border-bottom:1px solid var(--line)}main{padding:1rem}}
`;

/** A whole page of the site. */
export function siteHtml(
  { at, title, html }: NavigationEntry & { readonly html: string },
  chapters: readonly NavigationChapter[],
): string {
  const to = (path: string): string => posix.relative(posix.dirname(at), path);
  const item = (entry: NavigationEntry): string =>
    `<li><a href="${to(entry.at)}"${entry.at === at ? ' aria-current="page"' : ""}>${escaped(entry.title)}</a></li>`;
  const navigation = chapters
    .map(({ title: name, entries }) => `<h2>${name}</h2><ul>${entries.map(item).join("")}</ul>`)
    .join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<title>${escaped(title)} · Event Spine</title>
<link rel="stylesheet" href="${to("style.css")}">
</head>
<body>
<nav aria-label="Pages">
${navigation}
</nav>
<main>
${html}
</main>
</body>
</html>
`;
}
