/** Each a module of its own: who runs one framework loads no other's adapter. */
const ADAPTERS = [
  ...["ai-sdk", "langgraph", "strands", "openai-agents", "mastra"],
  ...["a2a", "mcp", "http", "lambda", "bedrock", "durable-function"],
];

/** A module that the package's users may name, by the name that they give. */
export const ENTRIES: Readonly<Record<string, string>> = {
  ".": "shared/core/index.ts",
  "./testing": "shared/testing/index.ts",
  "./aws": "shared/aws/index.ts",
  "./client": "shared/client/index.ts",
  "./infra": "infra/index.ts",
  "./local": "shared/local/index.ts",
  "./adapters": "shared/adapters/index.ts",
  ...Object.fromEntries(ADAPTERS.map((name) => [`./adapters/${name}`, `shared/adapters/from-${name}.ts`])),
};

/** What bundlers for browsers take in the place of an entry: by the same name, and with the entry's types. */
export const BROWSER_ENTRIES: Readonly<Record<string, string>> = { "./client": "shared/client/browser.ts" };

/** What runs behind a name on the command line. */
export const COMMANDS: Readonly<Record<string, string>> = { "event-spine": "scripts/spine.ts" };

/** Where a source stands in the package: in the same place below dist, so that paths between modules stay as they are. */
export const builtPath = (source: string, extension: ".js" | ".d.ts"): string =>
  `dist/${source.replace(/\.ts$/, extension)}`;

/** The page that shows all names, types and defaults of the entries. */
export const API_PAGE = "docs/public-api.md";
