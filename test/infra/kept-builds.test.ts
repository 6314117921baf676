import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildOrReuse, KEPT_BUILDS, type Built } from "../../infra/bundling/kept-builds.ts";

describe("kept builds", () => {
  let folder: string;
  let sources: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spine-kept-"));
    sources = mkdtempSync(join(tmpdir(), "spine-sources-"));
    vi.stubEnv(KEPT_BUILDS, folder);
    writeFileSync(join(sources, "entry.mjs"), `export * from "./part.mjs";`);
    say("one");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const path of [folder, sources]) rmSync(path, { recursive: true });
  });

  const say = (word: string, changedAt = new Date(0)) => {
    const path = join(sources, "part.mjs");
    writeFileSync(path, `export const word = "${word}";`);
    for (const each of [path, join(sources, "entry.mjs")]) utimesSync(each, changedAt, changedAt);
  };
  const textOf = ({ outputFiles: [file] }: Built) => Buffer.from(file?.contents ?? []).toString();
  const build = (from: string, more = {}) =>
    buildOrReuse({
      absWorkingDir: from,
      entryPoints: [join(from, "entry.mjs")],
      outdir: join(from, "out"),
      bundle: true,
      write: false,
      ...more,
    });
  const built = (more = {}) => textOf(build(sources, more));
  const kept = () => readdirSync(folder).filter((name) => name.endsWith(".build"));
  /** Whoever reads them can tell that nothing was built. */
  const mark = () => {
    for (const name of kept()) {
      const { metafile, outputFiles } = deserialize(readFileSync(join(folder, name))) as Built;
      const contents = Buffer.from(`${textOf({ metafile, outputFiles })}// kept`);
      writeFileSync(
        join(folder, name),
        serialize({ metafile, outputFiles: outputFiles.map(({ path }) => ({ path, contents })) }),
      );
    }
  };
  test("are reused for the same inputs and options, and for no others", () => {
    expect(built()).toContain(`"one"`);
    mark();
    expect(built()).toContain("// kept");
    expect(built({ minify: true })).not.toContain("// kept");
    say("two");
    const anew = built();
    expect(anew).toContain(`"two"`);
    expect(anew).not.toContain("// kept");
    say("one");
    expect(built()).toMatch(/"one"[^]*\/\/ kept/);
    expect(kept()).toHaveLength(3);
  });

  test("are reused by a copy of the sources, with the copy's paths", () => {
    build(sources);
    mark();
    const copy = mkdtempSync(join(tmpdir(), "spine-copy-"));
    cpSync(sources, copy, { recursive: true });
    const again = build(copy);
    rmSync(copy, { recursive: true });
    expect(textOf(again)).toContain("// kept");
    expect(again.outputFiles.map(({ path }) => path)).toEqual([join(copy, "out/entry.js")]);
  });

  test("are disabled when no folder is named, as in a deployment", () => {
    built();
    mark();
    vi.stubEnv(KEPT_BUILDS, undefined);
    expect(built()).not.toContain("// kept");
  });

  test("are not kept when inputs changed during the build", () => {
    say("one", new Date(Date.now() + 60_000));
    expect(built()).toContain(`"one"`);
    expect(kept()).toEqual([]);
  });
});
