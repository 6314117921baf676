import { posix } from "node:path";
import ts from "typescript";

/** All modules that a module or a declaration file names, and where each name begins, in the order of the text. */
export function namedIn(text: string): readonly { readonly specifier: string; readonly start: number }[] {
  return (
    ts
      .preProcessFile(text, true, true)
      // A range begins with the quote.
      .importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, start: pos + 1 }))
      .toSorted((a, b) => a.start - b.start)
  );
}

/** The source that a specifier of a source means, by path from the root; nothing where it is a package or Node's own. */
export function sourceOf(
  from: string,
  specifier: string,
  rooms: Readonly<Record<string, string>>,
): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  for (const [name, folder] of Object.entries(rooms)) {
    const prefix = name.replace(/\*(?:\.ts)?$/, "");
    if (name.endsWith("*") && specifier.startsWith(prefix))
      return posix.normalize(folder.replace(/\*$/, "") + specifier.slice(prefix.length));
  }
  return undefined;
}

/** The same text, with every module of the project named relatively and by what it is built to. */
export function withBuiltSpecifiers(
  from: string,
  text: string,
  rooms: Readonly<Record<string, string>>,
  /** Modules that keep the name by which bundles look for them. */
  kept: (specifier: string) => boolean = () => false,
): string {
  let built = "";
  let done = 0;
  for (const { specifier, start } of namedIn(text)) {
    const source = sourceOf(from, specifier, rooms);
    if (source === undefined) continue;
    const relative = posix.relative(posix.dirname(from), source);
    const named = kept(specifier) ? specifier : relative.startsWith(".") ? relative : `./${relative}`;
    built += text.slice(done, start) + named.replace(/\.ts$/, ".js");
    done = start + specifier.length;
  }
  return built + text.slice(done);
}
