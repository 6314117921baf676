import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ENTRIES } from "../../scripts/build/package-files.ts";
import { ROOT } from "./source.ts";

interface Package {
  readonly imports: Readonly<Record<string, string>>;
}

// The project's own.
const { imports: aliases } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Package;

/** Modules of the project; packages stay unresolved, and their types are theirs. */
function resolve(name: string, from: string): string | undefined {
  if (name.startsWith(".")) return join(dirname(from), name);
  const exact = aliases[name];
  if (exact !== undefined) return join(ROOT, exact);
  const [folder = ""] = name.split("/");
  const pattern = aliases[`${folder}/*`];
  return pattern === undefined ? undefined : join(ROOT, pattern.replace("*", name.slice(folder.length + 1)));
}

function programOf(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    noLib: true,
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const resolvedFileName = resolve(text, from);
      if (resolvedFileName === undefined) return { resolvedModule: undefined };
      return { resolvedModule: { resolvedFileName, extension: ts.Extension.Ts } };
    });
  return ts.createProgram(files, options, host);
}

/** What a declaration shows: no body, no private member, no value. */
function visitShown(node: ts.Node, found: (name: ts.EntityName) => void): void {
  if (ts.isTypeReferenceNode(node)) found(node.typeName);
  if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) found(node.expression);
  if (ts.isBlock(node) || ts.isPrivateIdentifier(node)) return;
  if (ts.canHaveModifiers(node)) {
    const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
    if (ts.getModifiers(node)?.some(({ kind }) => hidden.includes(kind))) return;
  }
  if (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) return;
  if (ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) {
    if (node.type !== undefined) visitShown(node.type, found);
    return;
  }
  // An implementation of overloads shows nothing.
  node.forEachChild((child) => visitShown(child, found));
}

const EXPORT = ts.SyntaxKind.ExportKeyword;

/** What one writes: a function's parameters, options, props, and what they are made of; the rest is read, and needs no name. */
function isWritten({ name, flags }: ts.Symbol): boolean {
  const READ = ["SessionState", "InProcessSpine", "Accepted"];
  return (flags & ts.SymbolFlags.Class) === 0 && !READ.includes(name);
}

/** Types that the public doors name and do not export, as `file: type`. */
function unexported(entries: readonly string[]): readonly string[] {
  const program = programOf(entries);
  const checker = program.getTypeChecker();
  const target = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const shown = new Set(
    entries.flatMap((entry) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.Node);
      return module === undefined ? [] : checker.getExportsOfModule(module).map(target);
    }),
  );
  const missing = new Set<string>();
  for (const symbol of [...shown].filter(isWritten)) {
    for (const declaration of symbol.declarations ?? []) {
      visitShown(declaration, (name) => {
        const named = checker.getSymbolAtLocation(name);
        const meant = named === undefined ? undefined : target(named);
        const [first] = meant?.declarations ?? [];
        if (meant === undefined || first === undefined || shown.has(meant)) return;
        // What the platform merges with its own, and a parameter of the type itself.
        if (meant.name === "AbortSignal") return;
        const path = relative(ROOT, first.getSourceFile().fileName);
        // What a session holds is read, and ports are the project's own.
        if (/^shared\/(core\/session|ports)\//.test(path)) return;
        if (ts.isTypeParameterDeclaration(first)) return;
        const exported =
          ts.canHaveModifiers(first) && ts.getModifiers(first)?.some(({ kind }) => kind === EXPORT);
        if (exported === true) missing.add(`${path}: ${meant.name}`);
      });
    }
  }
  return [...missing].toSorted();
}

describe("the public entry points", () => {
  const adapters = Object.keys(ENTRIES).filter((door) => door.startsWith("./adapters"));
  const entries = [".", "./testing", "./aws", "./infra", ...adapters]
    .flatMap((door) => ENTRIES[door] ?? [])
    .map((path) => join(ROOT, path));

  it("export every type that their parameters and results use", () => {
    expect(unexported(entries)).toEqual([]);
  });

  it("would be reported for a type that they do not export", () => {
    expect(unexported([join(ROOT, "shared/core/flow/compile.ts")])).toContain(
      "shared/core/flow/lint/finding.ts: LintFinding",
    );
  });
});
