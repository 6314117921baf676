import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Built } from "../../infra/esbuild-sync.ts";
import { buildOrReuse, KEPT_BUILDS } from "../../infra/kept-builds.ts";

describe("builds that are kept", () => {
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
  const built = (more = {}) =>
    textOf(
      buildOrReuse({
        absWorkingDir: sources,
        entryPoints: ["entry.mjs"],
        bundle: true,
        write: false,
        ...more,
      }),
    );
  const kept = () => readdirSync(folder).filter((name) => name.endsWith(".build"));
  /** Whoever reads them can tell that nothing was built. */
  const mark = () => {
    for (const name of kept()) {
      const { metafile, outputFiles } = deserialize(readFileSync(join(folder, name))) as Built;
      const contents = Buffer.from(`${textOf({ metafile, outputFiles })}// kept`);
      writeFileSync(
        join(folder, name),
        serialize({ metafile, outputFiles: [{ path: "entry.mjs", contents }] }),
      );
    }
  };
  test("are used again for the same inputs and options, and for no others", () => {
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

  test("are none where no folder is named, as in a deployment", () => {
    built();
    mark();
    vi.stubEnv(KEPT_BUILDS, undefined);
    expect(built()).not.toContain("// kept");
  });

  test("are not made of inputs that changed while it was built", () => {
    say("one", new Date(Date.now() + 60_000));
    expect(built()).toContain(`"one"`);
    expect(kept()).toEqual([]);
  });
});
