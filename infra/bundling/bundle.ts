import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssetHashType, DockerImage, Stack } from "aws-cdk-lib";
import { Code, type CodeConfig } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { workFolder } from "#node/own-files.ts";
import { buildFunction, type BuiltFile } from "./build-function.ts";
import { keepNewest } from "./keep-newest.ts";

interface Bundle {
  readonly hash: string;
  readonly files: readonly BuiltFile[];
}

/** Where source maps are kept for people, by the hash of the bundle that they belong to: Lambda would load none. */
const MAPS = workFolder("maps");

/** Of functions, some 2 MB each. */
const MOST_MAPS = 60;

const bundles = new Map<string, Bundle>();

/**
 * An entry's code as an asset, with texts beside it by file name. Its hash is that of the bundled files: the same sources give the same
 * hash anywhere.
 */
export function bundledCode(
  scope: Construct,
  entry: string,
  application?: string,
  data: Readonly<Record<string, string>> = {},
): Code {
  // `cdk ls`, `cdk destroy` and the like need the stack's shape, not its code.
  if (!Stack.of(scope).bundlingRequired) return new CodeLeftOut(entry);
  const bundle = withData(bundleOf(entry, application), data);
  return Code.fromAsset(dirname(entry), {
    assetHash: bundle.hash,
    assetHashType: AssetHashType.CUSTOM,
    bundling: {
      // CDK asks for an image; bundling here never falls back to it.
      image: DockerImage.fromRegistry("none"),
      local: { tryBundle: (outputDir) => writeTo(outputDir, bundle.files) },
    },
  });
}

/**
 * No code and no asset. An asset would be a copy of sources, which stays in the assembly and could be deployed; a template
 * with this in it cannot be.
 */
export class CodeLeftOut extends Code {
  readonly isInline = false;
  readonly #entry: string;

  constructor(entry: string) {
    super();
    this.#entry = entry;
  }

  override bind(): CodeConfig {
    return { s3Location: { bucketName: "code-is-left-out", objectKey: `${sha256(this.#entry)}.zip` } };
  }
}

function withData({ hash, files }: Bundle, data: Readonly<Record<string, string>>): Bundle {
  const texts = Object.entries(data);
  if (texts.length === 0) return { hash, files };
  return {
    hash: sha256(JSON.stringify([hash, texts])),
    files: [...files, ...texts.map(([path, text]) => ({ path, contents: Buffer.from(text) }))],
  };
}

function bundleOf(entry: string, application: string | undefined): Bundle {
  const key = `${entry}\n${application ?? ""}`;
  const known = bundles.get(key) ?? built(entry, application);
  bundles.set(key, known);
  return known;
}

function built(entry: string, application: string | undefined): Bundle {
  const { files, maps } = buildFunction(entry, application);
  const hash = createHash("sha256");
  for (const { path, contents } of files) hash.update(`${path}\n${contents.length}\n`).update(contents);
  const bundle = { hash: hash.digest("hex"), files };
  writeTo(join(MAPS, bundle.hash), maps);
  keepNewest(MAPS, "", MOST_MAPS);
  return bundle;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function writeTo(folder: string, files: readonly BuiltFile[]): true {
  for (const { path, contents } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  return true;
}
