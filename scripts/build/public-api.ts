import { join } from "node:path";
import ts from "typescript";
import { builtPath, ENTRIES } from "./package-files.ts";

const HEAD = `# Public API

Every name that the package's users may import, with its types and defaults, as the compiler sees them. \`npm run api\` writes this
page, a test compares it: a change of it is a change for users, and stands in the CHANGELOG.
`;

/** The page on the public API, made of the declarations below \`dist/\`. */
export function publicApi(root: string): string {
  const paths = Object.values(ENTRIES).map((source) => join(root, builtPath(source, ".d.ts")));
  const program = ts.createProgram(paths, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ["node"],
  });
  const checker = program.getTypeChecker();
  const sections = Object.keys(ENTRIES).map((entry, at) => {
    const file = program.getSourceFile(paths[at] ?? "");
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${paths[at]} is not a module: build the package first.`);
    const exported = checker.getExportsOfModule(module).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const declared = exported.flatMap((symbol) => declarationsOf(symbol, checker).map(writtenOf));
    return `## event-spine${entry.slice(1)}\n\n\`\`\`ts\n${declared.join("\n\n")}\n\`\`\`\n`;
  });
  return [HEAD, ...sections].join("\n");
}

function declarationsOf(symbol: ts.Symbol, checker: ts.TypeChecker): readonly ts.Declaration[] {
  const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return meant.declarations ?? [];
}

/** A declaration's text without its comments, but for defaults. */
function writtenOf(declaration: ts.Declaration): string {
  const whole = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return whole
    .getText()
    .replace(/\/\*\*[\s\S]*?\*\//g, (comment) => defaultIn(comment))
    .replace(/^export (?:declare )?/, "")
    .replace(/^\s*\n/gm, "")
    .trim();
}

function defaultIn(comment: string): string {
  const [, text] = /@default ([\s\S]*?)(?:\n\s*\* @|\*\/)/.exec(comment) ?? [];
  return text === undefined ? "" : `/** @default ${text.replace(/\s*\n\s*\*\s*/g, " ").trim()} */`;
}
