import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type given from "./params.json";
import type { Quantiles } from "./kernel/latency.ts";

type Given = typeof given;
/** A group's entries as their values alone. */
type Values<Group> = { readonly [Name in keyof Group]: Group[Name] extends { value: infer V } ? V : never };

/** What every run of the bench stands on: `params.json` without its reasons. */
export type Params = {
  readonly [Group in "functions" | "cpu" | "sdk" | "load" | "faults" | "wellBuilt"]: Values<Given[Group]>;
} & { readonly latencies: { readonly [Name in keyof Given["latencies"]]: Quantiles } };

export type Group = keyof Params;
export type LatencyName = keyof Params["latencies"];

const FILE = join(import.meta.dirname, "params.json");
const GROUPS: readonly Group[] = ["latencies", "functions", "cpu", "sdk", "load", "faults", "wellBuilt"];

/** One entry, with what makes it believable. */
export interface ParamEntry {
  readonly value: unknown;
  readonly unit: string;
  readonly range: unknown;
  readonly reason: string;
  readonly source: string;
  readonly confidence: string;
}

const text = readFileSync(FILE, "utf8");
// The file is our own; a test holds each entry to its form.
const file = JSON.parse(text) as Readonly<Record<Group, Readonly<Record<string, ParamEntry>>>>;

/** Of the file as it is written: stands in every result, so that nobody reads one beside other parameters. */
export const PARAMS_HASH = hash("sha256", text, "hex").slice(0, 12);

/** Every entry, by `group.name`. */
export const PARAM_ENTRIES: ReadonlyMap<string, ParamEntry> = new Map(
  GROUPS.flatMap((group) => Object.entries(file[group]).map(([name, entry]) => [`${group}.${name}`, entry])),
);

export const PARAMS = Object.fromEntries(
  GROUPS.map((group) => [
    group,
    Object.fromEntries(Object.entries(file[group]).map(([name, { value }]) => [name, value])),
  ]),
) as unknown as Params; // the type says what the file holds

/** The parameters with one entry changed, by `group.name`. Throws for a name that there is not. */
export function withParam(params: Params, name: string, value: unknown): Params {
  const [group = "", entry = ""] = name.split(".");
  if (!PARAM_ENTRIES.has(name)) throw new RangeError(`No parameter is named "${name}".`);
  return { ...params, [group]: { ...params[group as Group], [entry]: value } };
}
