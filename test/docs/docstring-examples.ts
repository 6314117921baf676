import { join } from "node:path";
import ts from "typescript";
import { ENTRIES } from "../../scripts/build/package-files.ts";
import { ROOT } from "../architecture/source.ts";

/** An exported function, class or builder of a public entry, with the examples of its docstring. */
export interface Documented {
  readonly entry: string;
  readonly name: string;
  readonly examples: readonly string[];
}

const { config } = ts.readConfigFile(join(ROOT, "tsconfig.base.json"), (path) => ts.sys.readFile(path)) as {
  readonly config: { readonly compilerOptions: unknown };
};
const base = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
const nameOf = (entry: string): string => `event-spine${entry.slice(1)}`;
const OPTIONS: ts.CompilerOptions = {
  ...base,
  composite: false,
  declaration: false,
  emitDeclarationOnly: false,
  noEmit: true,
  // An example shows what it makes, and does nothing with it.
  noUnusedLocals: false,
  // As for infra: the props of the CDK do not know it.
  exactOptionalPropertyTypes: false,
  types: ["node"],
  paths: Object.fromEntries(
    Object.entries(ENTRIES).map(([entry, path]) => [nameOf(entry), [join(ROOT, path)]]),
  ),
};
const STAGES: Readonly<Record<string, string>> = { "./infra": "example-infra-stage.ts" };
const stageOf = (entry: string): string => {
  const stage = entry.startsWith("./adapters") ? "example-adapters-stage.ts" : STAGES[entry];
  return join(ROOT, "test/docs", stage ?? "example-stage.ts");
};

/** Files are read and parsed once: the CDK's declarations are large. */
const read = new Map<string, ts.SourceFile | undefined>();

/** Everything that the entries export, and their stages. */
function programOf(texts: ReadonlyMap<string, string>): ts.Program {
  const host = ts.createCompilerHost(OPTIONS);
  const given = { file: host.getSourceFile.bind(host), exists: host.fileExists.bind(host) };
  host.fileExists = (path) => texts.has(path) || given.exists(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    if (text === undefined) {
      if (!read.has(path)) read.set(path, given.file(path, version, ...rest));
      return read.get(path);
    }
    const file = ts.createSourceFile(path, text, version, true);
    file.impliedNodeFormat = ts.ModuleKind.ESNext;
    return file;
  };
  const roots = [
    ...Object.values(ENTRIES).map((path) => join(ROOT, path)),
    ...Object.keys(ENTRIES).map(stageOf),
  ];
  return ts.createProgram([...new Set(roots), ...texts.keys()], OPTIONS, host);
}

function exportsOf(program: ts.Program, path: string): readonly ts.Symbol[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  return module === undefined ? [] : checker.getExportsOfModule(module);
}

/** Whether only the type of a name is exported. */
const isTypeOnly = ({ declarations = [] }: ts.Symbol): boolean =>
  declarations.some((one) => ts.isExportSpecifier(one) && ts.isTypeOnlyExportDeclaration(one));

const VALUES = ts.SymbolFlags.Function | ts.SymbolFlags.Class | ts.SymbolFlags.Variable;

export function createExamples() {
  const program = programOf(new Map());
  const checker = program.getTypeChecker();
  const target = (symbol: ts.Symbol): ts.Symbol =>
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);

  const documented = Object.entries(ENTRIES).flatMap(([entry, path]) =>
    exportsOf(program, join(ROOT, path))
      .filter((symbol) => !isTypeOnly(symbol) && (target(symbol).flags & VALUES) !== 0)
      .map((symbol): Documented => {
        const tags = target(symbol).getJsDocTags(checker);
        const examples = tags
          .filter(({ name }) => name === "example")
          .map(({ text }) => ts.displayPartsToString(text));
        return { entry, name: symbol.name, examples };
      }),
  );

  /** By name: the module that an example imports it from. */
  const modulesFor = (entry: string): ReadonlyMap<string, string> => {
    const own = (of: string) =>
      exportsOf(program, join(ROOT, ENTRIES[of] ?? "")).map(({ name }) => [name, nameOf(of)] as const);
    const others = Object.keys(ENTRIES).filter((other) => other !== entry);
    const staged = exportsOf(program, stageOf(entry)).map(({ name }) => [name, stageOf(entry)] as const);
    return new Map([...others.flatMap(own), ...staged, ...own(entry)]);
  };

  /** A module of one example: it imports what it names and does not make, and stands inside a construct. */
  function moduleOf(entry: string, example: string): string {
    const made = new Set([...example.matchAll(/\b(?:const|let) (\w+)/g)].map(([, name]) => name));
    const taken = new Set(
      [...example.matchAll(/\bconst \{ ([\w, ]+) \} =/g)].flatMap(([, names = ""]) => names.split(", ")),
    );
    const words = new Set(example.replace(/"[^"\n]*"/g, "").match(/\b\w+\b/g) ?? []);
    const imports = [...modulesFor(entry)]
      .filter(([name]) => words.has(name) && !made.has(name) && !taken.has(name))
      .map(
        ([name, from]) =>
          `import { ${isType(entry, name, from) ? "type " : ""}${name} } from ${JSON.stringify(from)};`,
      );
    return [
      ...imports,
      `export async function example(this: import("aws-cdk-lib").Stack): Promise<unknown> {`,
      example.replace(/^export /gm, ""),
      "return await Promise.resolve();",
      "}",
    ].join("\n");
  }

  const isType = (entry: string, name: string, from: string): boolean => {
    const path = Object.entries(ENTRIES).find(([of]) => nameOf(of) === from)?.[1];
    const file = path === undefined ? stageOf(entry) : join(ROOT, path);
    const symbol = exportsOf(program, file).find((one) => one.name === name);
    return symbol !== undefined && (target(symbol).flags & ts.SymbolFlags.Value) === 0;
  };

  return {
    documented,
    /** What does not compile, a line a problem. */
    problems(examples: readonly Documented[]): readonly string[] {
      const texts = new Map<string, string>();
      const names = new Map<string, string>();
      for (const { entry, name, examples: given } of examples)
        for (const [at, example] of given.entries()) {
          const path = join(ROOT, "test/docs", `docstring-${texts.size}.ts`);
          names.set(path, `${entry} ${name}${at === 0 ? "" : ` (${at + 1})`}`);
          texts.set(path, moduleOf(entry, example));
        }
      const whole = programOf(texts);
      const stages = new Set(Object.keys(ENTRIES).map(stageOf));
      return [...texts.keys(), ...stages].flatMap((path) => {
        const file = whole.getSourceFile(path);
        const found = [...whole.getSyntacticDiagnostics(file), ...whole.getSemanticDiagnostics(file)];
        return found.map(
          ({ messageText }) =>
            `${names.get(path) ?? path}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
        );
      });
    },
  };
}
