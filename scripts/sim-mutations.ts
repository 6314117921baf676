import { spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Mutation } from "#simulator/mutations/mutation.ts";
import { MUTATIONS } from "#simulator/mutations/mutations.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    /** Only mutations whose name contains this. */
    only: { type: "string", default: "" },
    /** Threads that hunt for one mutation. */
    workers: { type: "string", default: String(availableParallelism()) },
    json: { type: "boolean", default: false },
  },
});

const ROOT = path.join(import.meta.dirname, "..");
/** A run that a person can still read. */
const MOST_STEPS = 40;

interface Finding {
  readonly mutation: string;
  readonly seed: number | undefined;
  readonly promise: string;
  readonly check: string;
  readonly steps: number | undefined;
}

const findings: Finding[] = [];
for (const mutation of MUTATIONS.filter(({ name }) => name.includes(values.only))) {
  const folder = await mutate(mutation);
  const finding = await hunt(mutation, folder);
  findings.push(finding);
  await rm(folder, { recursive: true });
  console.error(
    `${mutation.name}: ${finding.seed === undefined ? "not found" : `seed ${finding.seed}, ${finding.promise}, ${finding.steps} steps`}`,
  );
}
print();
process.exitCode = findings.every(({ seed, steps }) => seed !== undefined && (steps ?? 0) <= MOST_STEPS)
  ? 0
  : 1;

/** A copy of the code with the mistake in it. */
async function mutate({ name, edits }: Mutation): Promise<string> {
  const folder = path.join(ROOT, ".build", "mutants", name.replaceAll(/[^a-z]+/g, "-"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, "scripts"), { recursive: true });
  await cp(path.join(ROOT, "shared"), path.join(folder, "shared"), { recursive: true });
  for (const script of ["sim.ts", "sim"])
    await cp(path.join(ROOT, "scripts", script), path.join(folder, "scripts", script), { recursive: true });
  const { type, imports } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ type, imports }));
  for (const { file, text, by } of edits) {
    const target = path.join(folder, file);
    const parts = (await readFile(target, "utf8")).split(text);
    if (parts.length !== 2)
      throw new Error(
        `"${name}" edits ${file} at ${JSON.stringify(text)}, which occurs ${parts.length - 1} times.`,
      );
    await writeFile(target, parts.join(by));
  }
  return folder;
}

/** Runs the simulator on the copy until a promise is broken. */
async function hunt({ name }: Mutation, folder: string): Promise<Finding> {
  const args = [
    path.join(folder, "scripts", "sim.ts"),
    "--seeds",
    values.seeds,
    "--workers",
    values.workers,
    "--first-violation",
  ];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const line = output.split("\n").find((text) => text.startsWith('{"seed"'));
  if (line === undefined) {
    if (code !== 0) throw new Error(`The simulator of "${name}" ended with ${code}: ${errors.slice(-2_000)}`);
    return { mutation: name, seed: undefined, promise: "", check: "", steps: undefined };
  }
  // Our own simulator wrote it.
  const { seed, promise, check, steps } = JSON.parse(line) as Omit<Finding, "mutation">;
  return { mutation: name, seed, promise, check, steps };
}

function print(): void {
  if (values.json) return console.log(JSON.stringify(findings));
  console.log("| mutation | found at seed | promise | check | steps |\n| --- | --- | --- | --- | --- |");
  for (const { mutation, seed, promise, check, steps } of findings) {
    console.log(`| ${mutation} | ${seed ?? "not found"} | ${promise} | ${check} | ${steps ?? ""} |`);
  }
}
