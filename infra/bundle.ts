import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssetHashType, DockerImage, Stack } from "aws-cdk-lib";
import { Code, type AssetCode } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { buildFunction, type BuiltFile } from "./build-function.ts";

interface Bundle {
  readonly hash: string;
  readonly files: readonly BuiltFile[];
}

const bundles = new Map<string, Bundle>();

/** An entry's code as an asset. Its hash is that of the bundled files: the same sources give the same hash anywhere. */
export function bundledCode(scope: Construct, entry: string, application?: string): AssetCode {
  // `cdk destroy` and the like need the stack's shape, not its code.
  if (!Stack.of(scope).bundlingRequired) {
    return Code.fromAsset(dirname(entry), { assetHash: sha256(entry), assetHashType: AssetHashType.CUSTOM });
  }
  const bundle = bundleOf(entry, application);
  return Code.fromAsset(dirname(entry), {
    assetHash: bundle.hash,
    assetHashType: AssetHashType.CUSTOM,
    bundling: {
      // CDK asks for an image; bundling here never falls back to it.
      image: DockerImage.fromRegistry("none"),
      local: { tryBundle: (outputDir) => writeTo(outputDir, bundle) },
    },
  });
}

function bundleOf(entry: string, application: string | undefined): Bundle {
  const key = `${entry}\n${application ?? ""}`;
  const known = bundles.get(key) ?? hashed(buildFunction(entry, application).files);
  bundles.set(key, known);
  return known;
}

function hashed(files: readonly BuiltFile[]): Bundle {
  const hash = createHash("sha256");
  for (const { path, contents } of files) hash.update(`${path}\n${contents.length}\n`).update(contents);
  return { hash: hash.digest("hex"), files };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function writeTo(folder: string, { files }: Bundle): true {
  for (const { path, contents } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  return true;
}
