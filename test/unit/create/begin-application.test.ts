import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Problem } from "#core/errors.ts";
import { ROOT, textOf } from "../../architecture/source.ts";

interface Asked {
  readonly folder?: string;
  readonly extra?: readonly string[];
  readonly eventSpine?: string;
  readonly node?: string;
}
interface Planned {
  readonly name: string;
  readonly path: string;
  readonly problems: readonly Problem[];
}
// Plain JavaScript, which npm runs as it is.
const { planApplication, beginApplication } = (await import(
  join(ROOT, "packages/create/begin-application.js")
)) as {
  planApplication(asked: Asked): Planned;
  beginApplication(plan: Planned): void;
};

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "create-"))));
afterEach(() => rmSync(home, { recursive: true }));

const plan = ({ folder = "my-shop", node = "22.18.0", ...asked }: Asked = {}) =>
  planApplication({ folder: folder === "" ? "" : join(home, folder), node, ...asked });
const problemsOf = (asked: Asked) => plan(asked).problems.map(({ field, problem }) => `${field} ${problem}`);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifestIn = (text: string) => JSON.parse(text) as Manifest;

describe("npm create event-spine", () => {
  it("writes the template under the folder's name", () => {
    const planned = plan({ eventSpine: "file:../event-spine.tgz" });
    expect(planned).toMatchObject({ name: "my-shop", problems: [] });
    beginApplication(planned);
    const manifest = manifestIn(readFileSync(join(planned.path, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: "my-shop",
      dependencies: { "event-spine": "file:../event-spine.tgz" },
    });
    expect(readFileSync(join(planned.path, "AGENTS.md"), "utf8")).toMatch(/^# my-shop,/);
    for (const file of [".gitignore", "spine.ts", "agents/hello.ts", "test/hello.test.ts", "tsconfig.json"])
      expect(existsSync(join(planned.path, file)), file).toBe(true);
  });

  it("takes a folder that is empty but for what git and editors keep there", () => {
    mkdirSync(join(home, "my-shop/.git"), { recursive: true });
    expect(problemsOf({})).toEqual([]);
  });

  it("refuses what cannot be begun, and names it", () => {
    mkdirSync(join(home, "full"));
    writeFileSync(join(home, "full/notes.txt"), "");
    writeFileSync(join(home, "file"), "");
    expect(problemsOf({ folder: "full" })).toEqual([
      expect.stringMatching(/^FOLDER .* is not empty \(notes\.txt\)$/),
    ]);
    expect(problemsOf({ folder: "file" })).toEqual([expect.stringMatching(/^FOLDER .* is a file$/)]);
    expect(problemsOf({ folder: "" })).toEqual(["FOLDER is missing"]);
    expect(problemsOf({ folder: "My Shop" })).toEqual(['FOLDER "My Shop" cannot be the name of a package']);
    expect(problemsOf({ extra: ["more"] })).toEqual(['"more" is one name too many']);
    expect(problemsOf({ node: "22.12.0" })).toEqual(["Node 22.12.0 cannot run TypeScript as it is"]);
    expect(existsSync(join(home, "my-shop"))).toBe(false);
  });

  it("names this version of the package, and the versions that it is tested with", () => {
    const own = manifestIn(textOf("package.json"));
    const template = manifestIn(textOf("packages/create/template/package.json"));
    expect(manifestIn(textOf("packages/create/package.json")).version).toBe(own.version);
    expect(template.dependencies).toEqual({ "event-spine": own.version, zod: own.dependencies["zod"] });
    for (const [name, version] of Object.entries(template.devDependencies))
      expect(own.devDependencies[name]).toBe(version);
  });
});
