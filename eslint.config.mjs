import tseslint from "typescript-eslint";

const CLOCK = "Time enters through the Clock port; in the core it is data (`seen.now`).";
const CHANCE = "Randomness and new ids enter through the Ids port; in the core they are data (`seen.id`).";
const NODE = "This layer does no I/O: put it behind a port (shared/ports) and implement it in an adapter.";

/** Imports that a layer may not make, with what to do instead. */
const closed = (...groups) => ({
  "no-restricted-imports": ["error", { patterns: groups }],
});
const nodeModules = { group: ["node:*"], message: NODE };
const aws = {
  group: ["@aws-sdk/*", "@aws-lambda-powertools/*", "@opentelemetry/*"],
  message: "AWS is reached through adapters only.",
};
const cdk = {
  group: ["aws-cdk-lib", "aws-cdk-lib/*", "constructs", "esbuild"],
  message: "Only infra/ builds stacks.",
};
/** The rooms of the house, and what each may name beside itself: no arrow runs up, and none in a circle. */
const ROOMS = {
  core: [],
  ports: ["core"],
  runtime: ["core", "ports"],
  node: ["core", "ports"],
  memory: ["core", "ports", "node"],
  sqlite: ["core", "ports"],
  contracts: ["core"],
  flows: ["core", "contracts"],
  aws: ["core", "ports", "runtime", "node"],
  adapters: ["core", "aws"],
  functions: ["core", "ports", "runtime", "node", "contracts", "flows", "aws", "adapters"],
  infra: ["core", "node", "contracts", "flows", "aws"],
  client: ["core", "ports", "runtime", "node", "aws"],
  console: ["core", "client"],
  testing: ["core", "ports", "runtime", "memory", "node", "client"],
  simulator: ["core", "ports", "runtime", "memory", "node", "testing"],
  local: ["core", "ports", "runtime", "memory", "node", "sqlite", "aws", "client"],
};
const others = (room, message) => ({
  group: Object.keys(ROOMS)
    .filter((name) => name !== room && !ROOMS[room].includes(name))
    .map((name) => `#${name}/*`),
  message,
});

const REMEMBERED =
  "No hidden caches: what was made of something goes along with it, or stands with the adapter that hands it out (`Readings`).";
const pureGlobals = {
  "no-restricted-globals": [
    "error",
    { name: "Date", message: CLOCK },
    { name: "process", message: NODE },
    { name: "fetch", message: NODE },
    { name: "console", message: NODE },
    { name: "setTimeout", message: CLOCK },
    { name: "setInterval", message: CLOCK },
    { name: "setImmediate", message: CLOCK },
    { name: "crypto", message: CHANCE },
    { name: "WeakMap", message: REMEMBERED },
    { name: "WeakRef", message: REMEMBERED },
  ],
  "no-restricted-properties": ["error", { object: "Math", property: "random", message: CHANCE }],
};

export default tseslint.config(
  {
    ignores: [
      "node_modules",
      ".build",
      "dist",
      "coverage",
      "docs/examples/**/out",
      "test/package/consumer",
      "test/adapters",
      "packages/create/template",
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    // Belongs to no project: its types are the test runner's own.
    ignores: ["vitest.config.ts"],
    // One program for all: with one per folder each would read and bind the same declarations again.
    languageOptions: {
      parserOptions: { project: "tsconfig.lint.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]",
          message: "No focused or skipped tests.",
        },
      ],
    },
  },
  {
    // Runs in a browser: types of its own.
    files: ["shared/console/**/*.{ts,tsx}"],
    languageOptions: {
      parserOptions: { project: "shared/console/tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    // Tables of cases in tests have as many columns as they need.
    files: ["shared/**/*.{ts,tsx}", "functions/**/*.ts", "infra/**/*.ts", "scripts/**/*.ts"],
    // What is told apart by its place alone: a sixth value, or two of one type whose order can be mistaken, is a field of an object.
    rules: { "@typescript-eslint/max-params": ["error", { max: 5 }] },
  },
  {
    files: ["shared/core/**/*.ts"],
    rules: {
      ...pureGlobals,
      ...closed(nodeModules, aws, others("core", "The core imports itself only.")),
    },
  },
  {
    files: ["shared/ports/**/*.ts"],
    rules: {
      ...pureGlobals,
      ...closed(nodeModules, aws, others("ports", "Ports know the core only.")),
    },
  },
  {
    files: ["shared/runtime/**/*.ts"],
    rules: {
      ...pureGlobals,
      ...closed(nodeModules, aws, others("runtime", "The runtime is written against ports.")),
    },
  },
  ...["contracts", "flows"].map((room) => ({
    files: [`shared/application/${room}/**/*.ts`],
    rules: {
      ...pureGlobals,
      ...closed(nodeModules, aws, others(room, "Contracts and flows are described values: core only.")),
    },
  })),
  ...["memory", "sqlite"].map((room) => ({
    files: [`shared/${room}/**/*.ts`],
    rules: closed(aws, cdk, others(room, "Adapters implement ports; they use no runtime.")),
  })),
  {
    files: ["shared/node/**/*.ts"],
    rules: closed(aws, cdk, others("node", "What Node gives of itself: ports and core only.")),
  },
  {
    files: ["shared/aws/**/*.ts"],
    rules: closed(cdk, others("aws", "Adapters to AWS know no application and no test kit.")),
  },
  {
    files: ["shared/adapters/**/*.ts"],
    rules: closed(
      aws,
      cdk,
      others("adapters", "Adapters of frameworks name the core, and AWS by shared/aws."),
    ),
  },
  {
    files: ["infra/**/*.ts"],
    rules: closed(
      aws,
      others("infra", "Infrastructure takes names and options from shared/aws, and contracts and flows."),
    ),
  },
  {
    files: ["functions/**/*.ts"],
    rules: closed(cdk, others("functions", "Functions are composition roots over AWS adapters.")),
  },
  {
    files: ["shared/console/**/*.{ts,tsx}"],
    rules: closed(
      nodeModules,
      aws,
      cdk,
      others("console", "The console runs in a browser: the core's pure functions, and types of the client."),
    ),
  },
  ...["client", "testing", "simulator"].map((room) => ({
    files: [`shared/${room}/**/*.ts`],
    rules: closed(
      cdk,
      others(room, "Rooms name what stands below them: see the table of rooms in eslint.config.mjs."),
    ),
  })),
  {
    files: ["shared/local/**/*.ts"],
    rules: closed(others("local", "The local runtime names what stands below it.")),
  },
);
