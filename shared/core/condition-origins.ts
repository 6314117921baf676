import { readsOf, treeOf } from "./condition-program.ts";

/** Where a part of an expression's value comes from. */
export interface Origin {
  /** Keys that lead to the part; none for the whole value. */
  readonly at: readonly string[];
  /** Dotted paths that the part is made of, loop variables left out. */
  readonly reads: readonly string[];
  /** The part is the value at this path, as it stands there. */
  readonly copies?: string;
}

type Tree = ReturnType<typeof treeOf>;

/** A key that no path would take for two. */
const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

/**
 * Where the value of an expression comes from, field by field as far as it writes an object down with fixed keys. What it computes
 * is made of all that it reads. None for an expression that cannot be read: it has no value.
 */
export function originsOf(text: string): readonly Origin[] {
  try {
    return within(treeOf(text), []);
  } catch {
    return [];
  }
}

function within(tree: Tree, at: readonly string[]): readonly Origin[] {
  const fields = fieldsOf(tree);
  if (fields !== undefined) return fields.flatMap(([key, value]) => within(value, [...at, key]));
  const reads = readsOf(tree);
  const [only] = reads;
  return [{ at, reads, ...(only !== undefined && isPlainAccess(tree) && { copies: only }) }];
}

function fieldsOf(tree: Tree): readonly (readonly [string, Tree])[] | undefined {
  if (tree.op !== "map") return undefined;
  const fields = tree.args.map(([key, value]) => [key.op === "value" ? key.args : undefined, value] as const);
  const isPlain = (field: readonly [unknown, Tree]): field is readonly [string, Tree] =>
    typeof field[0] === "string" && PLAIN_KEY.test(field[0]);
  return fields.every(isPlain) ? fields : undefined;
}

/** Names and dots only: nothing is computed on the way. */
function isPlainAccess(tree: Tree): boolean {
  return tree.op === "id" || (tree.op === "." && isPlainAccess(tree.args[0]));
}
