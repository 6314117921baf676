import { Marked } from "marked";
import { anchorOf } from "./anchor.ts";
import { escaped } from "../pages/escaped.ts";
import { siteLink } from "./site-links.ts";

/** A page of Markdown as the site shows it. */
export interface SitePage {
  readonly title: string;
  readonly html: string;
  /** What it refers to in the repository, from the root. */
  readonly targets: readonly string[];
}

/** Makes the HTML of a page; its first heading is its title. */
export function sitePage(path: string, markdown: string, isFolder: (path: string) => boolean): SitePage {
  const targets: string[] = [];
  let title = "";
  const refer = (href: string): string => {
    const link = siteLink(path, href, isFolder);
    if (link.target !== undefined) targets.push(link.target);
    return escaped(link.href);
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const inner = this.parser.parseInline(tokens);
        if (title === "") title = text.replaceAll("`", "");
        return `<h${depth} id="${escaped(anchorOf(text))}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${refer(href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      image: ({ href, text }) => `<img src="${refer(href)}" alt="${escaped(text)}">`,
      table(token) {
        const row = (cells: typeof token.header, tag: string) =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join("")}</tr>`;
        const rows = token.rows.map((cells) => row(cells, "td")).join("\n");
        return `<div class="table"><table><thead>${row(token.header, "th")}</thead><tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { title, html, targets };
}
