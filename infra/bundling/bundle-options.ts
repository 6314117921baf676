import { posix } from "node:path";
import { OWN_EXTENSION, ownModule } from "#node/own-files.ts";

/**
 * Modules that functions load on demand, by the name that they are imported by, and the file that each becomes. A build of its own
 * keeps such a module, and what only it needs of the SDK, out of the file that Lambda loads at init: in one build they would share
 * the SDK's barrels, and with them its serializers for XML and streams (about 60 kB).
 */
export const ON_DEMAND = [
  "s3/s3-blobs",
  "s3/s3-expiring-blobs",
  "kms/kms-sealing",
  "s3/s3-letter-box",
  "sqs/sqs-returns",
  "cloudwatch/cloudwatch-monitoring",
  "step-functions/sfn-executions",
  "observe/otel-spans",
  "bedrock/bedrock-model",
].map((path) => ({
  name: `#aws/${path}${OWN_EXTENSION}`,
  entry: ownModule(`shared/aws/${path}`),
  file: posix.basename(path),
}));

/** The one that stands on OpenTelemetry, which only those install who trace with it. */
export const SPANS = `#aws/observe/otel-spans${OWN_EXTENSION}`;

const modules = ON_DEMAND.map(({ name, file }) => [name, `./${file}.mjs`] as const);

/** How esbuild bundles a module that functions load on demand. */
export function onDemandOptions() {
  return {
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    sourcemap: "external",
    outExtension: { ".js": ".mjs" },
    alias: {
      // Keeps profile, SSO and metadata credentials out.
      "@aws-sdk/credential-provider-node": ownModule("shared/aws/environment-credentials"),
      "@aws-sdk/middleware-endpoint-discovery": ownModule("shared/aws/dynamo/no-endpoint-discovery"),
    },
    // Dependencies that are CommonJS call `require` for Node's own modules, which an ESM bundle does not have.
    banner: { js: REQUIRE },
  } as const;
}

/** What stands for the user's application in a bundle: its module, or what was made of it (`packApplication`), as JSON. */
export type BundledApplication = { readonly module: string } | { readonly packed: string };

/**
 * How esbuild bundles every function, whoever starts it: deployment, local runtime, size tests. `splitting` keeps what
 * else a function imports on demand out of its first file; it needs an `outdir`, so all files of that folder belong to
 * the asset. `alias` and `define` also bring the user's application; agents and subscribers need none.
 */
export function bundleOptions(application: BundledApplication | undefined) {
  const options = onDemandOptions();
  const packed = application !== undefined && "packed" in application;
  return {
    ...options,
    splitting: true,
    alias: {
      ...options.alias,
      "#application": ownModule(`functions/application/${packed ? "packed" : "compiled"}`),
      ...(application !== undefined && !packed && { "#application-definition": application.module }),
      ...Object.fromEntries(modules),
    },
    define: packed ? { PACKED_APPLICATION: JSON.stringify(application.packed) } : {},
    external: modules.map(([, file]) => file),
  } as const;
}

const REQUIRE =
  "import { createRequire as spineRequire } from 'node:module'; const require = spineRequire(import.meta.url);";
