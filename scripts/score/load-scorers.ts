import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { defineScorer, type Scorer } from "#core/scoring/scorer.ts";

/** The scorers that a module exports, under any names; each of them once, and no two of one name. */
export async function loadScorers(path: string): Promise<readonly Scorer[]> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  const found = [...new Set(Object.values(module).flat())].filter(isScorer).map(defineScorer);
  if (found.length === 0)
    throw new Error(`--scorers: ${path} exports no scorer. Export what defineScorer gives.`);
  const names = found.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw new Error(`--scorers: ${path} has two scorers named ${twice}. Rename one of them.`);
  return found;
}

const isScorer = (value: unknown): value is Scorer =>
  typeof value === "object" && value !== null && typeof (value as Partial<Scorer>).scores === "function";
