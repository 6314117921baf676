import { readFile } from "node:fs/promises";
import type { OnLoadResult, Plugin } from "esbuild";

/** A module of the SDK that bundles have in a smaller form. */
export interface LeanModule {
  /** The end of its path. */
  readonly path: RegExp;
  /** Why nothing is missed. */
  readonly because: string;
  /** What stands for its text. */
  readonly lean: (text: string) => string;
  readonly loader?: "json";
}

const SDK = "@smithy/core/dist-es/submodules";
const ending = (path: string): RegExp =>
  new RegExp(`node_modules/${path.replaceAll(".", "\\.")}$`.replaceAll("/", "[\\\\/]"));
const failing = (name: string): string =>
  `export class ${name} { constructor() { throw new Error("${name} is not in this bundle."); } }`;

/**
 * What a function on Lambda never runs, or what says in kilobytes what a line can say: together some 30 kB of what the
 * functions that decide load at init. Each is found by path: one that an SDK of another version names otherwise is left as it is.
 */
export const LEAN_MODULES: readonly LeanModule[] = [
  ...["sha256/Sha256Js", "md5/Md5Js", "crc32/Crc32Js"].map((file) => ({
    path: ending(`${SDK}/checksum/${file}.js`),
    because: "only a Node without these in its own crypto and zlib takes them",
    lean: () => failing(file.split("/")[1] ?? file),
  })),
  {
    path: ending("@smithy/signature-v4/dist-es/HeaderFormatter.js"),
    because: "it signs messages within a stream of events, and no call of ours is one",
    lean: () =>
      `export class HeaderFormatter { format() { throw new Error("HeaderFormatter is not in this bundle."); } }`,
  },
  {
    path: ending(`${SDK}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`),
    because: "Lambda sets AWS_REGION; there is no instance to ask",
    lean: () => "export const getInstanceMetadataRegion = async () => undefined;",
  },
  {
    path: ending(`${SDK}/config/shared-ini-file-loader/loadSharedConfigFiles.js`),
    because: "a function has no profiles: its configuration is its environment, as its credentials are",
    lean: () =>
      'export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });\nexport { CONFIG_PREFIX_SEPARATOR } from "./constants";',
  },
  {
    path: ending(`${SDK}/retry/util-retry/AdaptiveRetryStrategy.js`),
    because: "clients of ours try again in standard mode, and so does one that asks for the adaptive one",
    lean: () =>
      'import { StandardRetryStrategy } from "./StandardRetryStrategy";\nexport class AdaptiveRetryStrategy extends StandardRetryStrategy {}',
  },
  {
    path: ending("@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js"),
    because:
      "a Region's partition follows from the form of its name: the list only describes those that have it",
    lean: withoutRegions,
  },
  {
    path: ending("@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js"),
    because: "the runtime is named in the template",
    lean: () =>
      "export const state = { warningEmitted: true };\nexport const emitWarningIfUnsupportedVersion = () => undefined;",
  },
  {
    path: ending("@aws-sdk/client-[a-z0-9-]+/dist-es/models/errors.js"),
    because:
      "an error is a name, a fault and some fields: classes that differ in nothing else are made by one function",
    lean: errorsByOneFunction,
  },
  {
    path: ending("@aws-sdk/client-(dynamodb|sqs)/dist-es/schemas/schemas_0.js"),
    because:
      "an error that the client has no class for is its base exception with the error's own name, and that is what ours is known by",
    lean: withoutErrors,
  },
  {
    path: ending("@aws-sdk/client-[a-z0-9-]+/package.json"),
    because: "the client reads its version from it",
    lean: (text) => JSON.stringify({ version: (JSON.parse(text) as { readonly version: string }).version }),
    loader: "json",
  },
];

interface PartitionsInfo {
  readonly partitions: readonly {
    readonly regionRegex: string;
    readonly regions: Readonly<Record<string, unknown>>;
  }[];
}

/** Leaves of each partition's Regions those that its pattern does not find. */
function withoutRegions(text: string): string {
  return text.replace(
    /^(export const partitionsInfo = )(\{[\s\S]*\n\});$/m,
    (_all, start: string, json: string) => {
      const info = JSON.parse(json) as PartitionsInfo;
      const partitions = info.partitions.map((partition) => {
        const pattern = new RegExp(partition.regionRegex);
        const odd = Object.entries(partition.regions).filter(([region]) => !pattern.test(region));
        return { ...partition, regions: Object.fromEntries(odd) };
      });
      return `${start}${JSON.stringify({ ...info, partitions })};`;
    },
  );
}

/**
 * Leaves out the table of errors; and writes keys that are names of constants as what those say, so that a bundler sees
 * that what nobody uses can go.
 */
function withoutErrors(text: string): string {
  const constants = new Map(
    [...text.matchAll(/^const (\w+) = ("\w+");$/gm)].map(([, name, value]) => [name, value]),
  );
  return text
    .replaceAll(/^n\d+_registry\.registerError\(.*\);$/gm, "")
    .replaceAll(/\[(_\w+)\]:/g, (key, name: string) => `${constants.get(name) ?? key}:`);
}

const ERROR_CLASS =
  /^export class (\w+) extends __BaseException \{\n    static shapeId = "([\w.]+#)\1";\n    name = "\1";\n    \$fault = "(\w+)";\n((?:    \w+;\n)*)    constructor\(opts\) \{\n        super\(\{\n            name: "\1",\n            \$fault: "\3",\n            \.\.\.opts,\n        \}\);\n        Object\.setPrototypeOf\(this, \1\.prototype\);\n((?:        this\.\w+ = opts\.\w+;\n)*)    \}\n\}$/gm;

const ERROR_CLASS_OF = `const errorClass = (shape, name, $fault, ...fields) => class extends __BaseException {
  static shapeId = shape + name;
  constructor(opts) {
    super({ name, $fault, ...opts });
    this.name = name;
    this.$fault = $fault;
    for (const field of fields) this[field] = opts[field];
  }
};`;

/** A class of another form than the SDK's generator gives them stays as it is. */
function errorsByOneFunction(text: string): string {
  const lean = text.replaceAll(ERROR_CLASS, (_all, ...groups: readonly string[]) => {
    const [name = "", shape = "", fault = "", fields = ""] = groups;
    const given = [shape, name, fault, ...(fields.match(/\w+/g) ?? [])].map((one) => JSON.stringify(one));
    return `export const ${name} = /* @__PURE__ */ errorClass(${given.join(", ")});`;
  });
  return `${lean}\n${ERROR_CLASS_OF}\n`.replace(
    /^(import .*\n)([\s\S]*?)\n(const errorClass[\s\S]*)$/,
    "$1$3$2\n",
  );
}

/** Puts the lean modules in the place of the SDK's. */
export const leanSdk: Plugin = {
  name: "lean-sdk",
  setup(build) {
    for (const { path, lean, loader = "js" } of LEAN_MODULES) {
      build.onLoad({ filter: path }, async (found): Promise<OnLoadResult> => {
        return { contents: lean(await readFile(found.path, "utf8")), loader };
      });
    }
  },
};
