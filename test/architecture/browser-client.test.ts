import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as browser from "#client/browser.ts";
import * as node from "#client/index.ts";
import { BROWSER_ENTRIES } from "../../scripts/build/package-files.ts";
import { ROOT, textOf } from "./source.ts";

const MOST_BYTES = 60_000;

const bundle = (entry: string) =>
  build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    platform: "browser",
    format: "esm",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });

describe("the client for browsers", () => {
  const [entry = ""] = Object.values(BROWSER_ENTRIES);

  it("is bundled without modules of Node and without the AWS SDK, and is small", async () => {
    const { outputFiles, metafile } = await bundle(entry);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain("shared/client/typed/create-client.ts");
    expect(inputs.filter((path) => /@aws-sdk|shared\/(?:node|aws)\//.test(path))).toEqual([]);
    expect(outputFiles[0]?.contents.length).toBeLessThan(MOST_BYTES);
  });

  it("would not be, with the one for Node", async () => {
    await expect(bundle("shared/client/index.ts")).rejects.toThrow(/Could not resolve "node:/);
  });

  it("has nothing that the one for Node has not, and is what package.json names", () => {
    expect(Object.keys(browser).filter((name) => !(name in node))).toEqual([]);
    const { exports } = JSON.parse(textOf("package.json")) as {
      readonly exports: Readonly<Record<string, { readonly browser?: string }>>;
    };
    expect(exports["./client"]?.browser).toBe(`./dist/${entry.replace(".ts", ".js")}`);
  });
});
