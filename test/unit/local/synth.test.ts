import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { KEPT_BUILDS } from "../../../infra/bundling/kept-builds.ts";
import { AppVariable } from "../../../infra/settings/variables.ts";
import { synthesize } from "#local/synth.ts";
import { filesOf, textOf } from "../../architecture/source.ts";

const app = fileURLToPath(new URL("../../local/fixture/environment/app.ts", import.meta.url));
const cache = mkdtempSync(join(tmpdir(), "spine-synth-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const synthesized = async (environment: Readonly<Record<string, string>> = {}) => {
  const { templateDir, cached } = await synthesize({ app, cache, environment });
  const seen = JSON.parse(readFileSync(join(templateDir, "manifest.json"), "utf8")) as Record<string, string>;
  return { templateDir, cached, seen };
};

describe("a local synthesis", () => {
  it("is reused only for the same values given to the app", async () => {
    const plain = await synthesized();
    expect(plain.cached).toBe(false);
    for (const name of [AppVariable.mirror, AppVariable.bedrockModel, AppVariable.quota]) {
      vi.stubEnv(name, "7");
      const other = await synthesized();
      expect(other).toMatchObject({ cached: false, seen: { [name]: "7" } });
      expect(other.templateDir).not.toBe(plain.templateDir);
      vi.unstubAllEnvs();
    }
    expect(await synthesized()).toMatchObject({ cached: true, templateDir: plain.templateDir });
  });

  it("hides everything else from the app that could make a difference", async () => {
    vi.stubEnv("SPINE_SOMETHING", "yes");
    vi.stubEnv("CDK_DEFAULT_ACCOUNT", "111122223333");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    const { seen } = await synthesized({ [AppVariable.quota]: "9" });
    const harmless = [
      "PATH",
      "HOME",
      "TMPDIR",
      "TEMP",
      "TMP",
      "SystemRoot",
      "NODE_OPTIONS",
      "CDK_VALIDATION",
      // Where bundles of the very same inputs are found again.
      KEPT_BUILDS,
    ];
    const told = Object.keys(seen).filter((name) => !harmless.includes(name));
    expect(told.toSorted()).toEqual([AppVariable.prefix, AppVariable.quota]);
  });

  it("uses the prefix that local lookups use, and the caller's value before the environment", async () => {
    vi.stubEnv(AppVariable.prefix, "other");
    vi.stubEnv(AppVariable.quota, "1");
    const { seen } = await synthesized({ [AppVariable.quota]: "2" });
    expect(seen).toMatchObject({ [AppVariable.prefix]: "spine", [AppVariable.quota]: "2" });
  });
});

describe("the app", () => {
  it("reads its environment only where the variables are listed", () => {
    const reading = filesOf("infra")
      .filter((path) => path.endsWith(".ts"))
      .flatMap((path) =>
        [...textOf(path).matchAll(/process\.env(\S*)/g)].map(([, what]) => `${path} ${what}`),
      );
    expect(reading).toEqual([
      'infra/app-on-this-machine.ts ["CDK_OUTDIR"]).synth();',
      'infra/app.ts ["CDK_OUTDIR"]).synth();',
      "infra/bundling/kept-builds.ts [KEPT_BUILDS];",
      "infra/settings/variables.ts ,",
      "infra/settings/variables.ts ,",
    ]);
  });

  it("documents each of its variables in the table of docs/deploy.md", () => {
    const page = textOf("docs/deploy.md");
    expect(Object.values(AppVariable).filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
