import { fileURLToPath } from "node:url";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * How esbuild bundles every function, whoever starts it: deployment, local runtime, size tests.
 * `splitting` keeps what is loaded on demand (the S3 client) out of the file that Lambda loads at init; it needs an
 * `outdir`, so all files of that folder belong to the asset. `alias` is what keeps profile, SSO and metadata
 * credentials out, and names the user's application.
 */
export function bundleOptions(application: string) {
  return {
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    splitting: true,
    mainFields: ["module", "main"],
    sourcemap: "external",
    outExtension: { ".js": ".mjs" },
    alias: {
      "@aws-sdk/credential-provider-node": here("environment-credentials.ts"),
      "#application": application,
    },
    // Dependencies that are CommonJS call `require` for Node's own modules, which an ESM bundle does not have.
    banner: { js: REQUIRE },
  } as const;
}

const REQUIRE =
  "import { createRequire as spineRequire } from 'node:module'; const require = spineRequire(import.meta.url);";
