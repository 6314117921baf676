import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorOf } from "../../scripts/docs/anchor.ts";
import { SCRIPTS } from "../../scripts/add/plan-aws.ts";
import { filesOf, ROOT, textOf } from "./source.ts";

const files = filesOf();
const sources = files.filter((path) => /\.tsx?$/.test(path));
const pages = files.filter((path) => path.endsWith(".md"));

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}
interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly resolved?: string;
        readonly integrity?: string;
        readonly inBundle?: boolean;
        readonly hasInstallScript?: boolean;
      }
    >
  >;
}
const manifest = JSON.parse(textOf("package.json")) as Manifest;
const lockfile = JSON.parse(textOf("package-lock.json")) as Lockfile;
const dependencies = {
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
};

describe("sources", () => {
  it("have at most 400 lines each", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((path) => textOf(path).trimEnd().split("\n").length > 400)).toEqual([]);
  });

  it("leave no test focused or skipped", () => {
    const bent = /\b(?:it|test|describe)\s*\.\s*(?:only|skip|todo)\b|\b[xf](?:it|describe)\(/;
    expect(sources.filter((path) => bent.test(textOf(path)))).toEqual([]);
  });

  it("set up no test at the top of a module that tests share: a worker imports it once, and runs many files", () => {
    const hook = /^(?:before|after)(?:All|Each)\(/m;
    const shared = sources.filter((path) => path.startsWith("test/") && !path.endsWith(".test.ts"));
    expect(shared.filter((path) => hook.test(textOf(path)))).toEqual(["test/support/setup.ts"]);
  });

  it("name problems by one kind of URN", () => {
    const other = /urn:event-spine:(?!problem:)\w/;
    expect([...sources, ...pages].filter((path) => other.test(textOf(path)))).toEqual([]);
  });

  it("contain no note about unfinished work", () => {
    const note = /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/;
    expect([...sources, ...pages].filter((path) => note.test(textOf(path)))).toEqual([]);
  });
});

/** The project's own, which npm links: it brings the Node that runs the commands. */
const WORKSPACE = "node_modules/event-spine-node";

describe("dependencies", () => {
  it("are pinned to one version, the one in the lockfile", () => {
    const loose = Object.entries(dependencies).filter(
      ([name, version]) =>
        !/^\d+\.\d+\.\d+$/.test(version) || lockfile.packages[`node_modules/${name}`]?.version !== version,
    );
    expect(loose).toEqual([]);
  });

  it("match the lockfile byte for byte, and run no script that could download more", () => {
    const installed = Object.entries(lockfile.packages).filter(
      ([path]) => /(?:^|\/)node_modules\//.test(path) && path !== WORKSPACE,
    );
    expect(installed.filter(([, { integrity, inBundle }]) => integrity === undefined && !inBundle)).toEqual(
      [],
    );
    // Of these, one looks whether its binary runs, the other whether it must be compiled.
    const scripts = installed.flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []));
    expect(scripts).toEqual(["node_modules/classic-level", "node_modules/esbuild"]);
  });

  it("come from the configured registry: the lockfile names no host", () => {
    const hosts = Object.entries(lockfile.packages).filter(([, { resolved = "" }]) =>
      resolved.includes("://"),
    );
    expect(hosts).toEqual([]);
  });
});

describe("commands", () => {
  it("start files that exist", () => {
    const started = Object.values(manifest.scripts).flatMap((script) => [
      ...script.matchAll(/\bnode (\S+)/g),
    ]);
    expect(started.length).toBeGreaterThan(0);
    expect(started.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("pages", () => {
  const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#([^)\s]+))?\)/g;
  const prose = (path: string) => textOf(path).replaceAll(/^```[\s\S]*?^```/gm, "");
  const anchorsOf = (path: string) =>
    [...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

  it("contain no placeholder in capitals", () => {
    const placeholder = /^[A-Z]{3,}$/m;
    expect(pages.filter((path) => placeholder.test(textOf(path)))).toEqual([]);
  });

  it.each(pages)("%s links to existing targets", (page) => {
    const broken = [...prose(page).matchAll(LINK)].filter(([, target = "", anchor]) => {
      const path = posix.join(posix.dirname(page), target);
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && path.endsWith(".md") && !anchorsOf(path).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  /** Of the project, of an application that was begun with it, and what `add aws` adds there. */
  const template = JSON.parse(textOf("packages/create/template/package.json")) as Manifest;
  const known = new Set(
    [manifest, template, { scripts: SCRIPTS }].flatMap(({ scripts }) => Object.keys(scripts)),
  );

  it.each(pages)("%s names existing files and commands", (page) => {
    const named = [...prose(page).matchAll(/`((?:shared|functions|scripts|docs|test)\/[\w./-]+)`/g)];
    const gone = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)));
    const commands = [...textOf(page).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => name);
    expect([...gone, ...commands.filter((name) => !known.has(name))]).toEqual([]);
  });
});
