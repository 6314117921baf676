import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandFirst } from "../../../scripts/spine/command-first.ts";
import { announce, findRunning, withdraw, type RunningSpine } from "#client/running-file.ts";

const spineOf = (pid: number): RunningSpine => ({
  url: `http://127.0.0.1:${pid}`,
  ingressUrl: "",
  prefix: "spine",
  pid,
  environment: {},
});
/** Two processes that are alive, and one that no system gives. */
const [HERE, THERE, DEAD] = [process.pid, process.ppid, 2 ** 30] as const;

describe("the spine that a command selects", () => {
  let folder: string;
  let home: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spine-finding-"));
    home = join(folder, "home");
    for (const name of ["a", "b"]) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);

  it("is the one without data, whatever else runs", () => {
    announce(home, spineOf(HERE), home);
    announce(at("a"), spineOf(THERE), home);
    expect(findRunning(undefined, home).pid).toBe(HERE);
    expect(findRunning(at("a"), home).pid).toBe(THERE);
  });

  it("is the only one with data when no other runs, until it ends", () => {
    announce(at("a"), spineOf(HERE), home);
    announce(at("b"), spineOf(DEAD), home);
    expect(findRunning(undefined, home).pid).toBe(HERE);
    withdraw(at("a"), HERE, home);
    expect(() => findRunning(undefined, home)).toThrow(/^No spine runs on this machine/);
  });

  it("must be given when several with data run, and is listed when another one is given", () => {
    announce(at("a"), spineOf(HERE), home);
    announce(at("b"), spineOf(THERE), home);
    expect(() => findRunning(undefined, home)).toThrow(/^Several spines run .*--local .*a, --local .*b\.$/);
    expect(() => findRunning(at("c"), home)).toThrow(
      /^No spine runs .* Running: --local .*a, --local .*b\.$/,
    );
  });

  it("may be given before or after the command", () => {
    const after = ["show", "s1", "--at", "3", "--local", "DIR"];
    expect(commandFirst(["--local", "DIR", "show", "s1", "--at", "3"])).toEqual(after);
    expect(commandFirst(["--prefix=shop", "--region", "eu-west-1", "show"])).toEqual([
      "show",
      "--prefix=shop",
      "--region",
      "eu-west-1",
    ]);
    expect(commandFirst(after)).toEqual(after);
  });
});
