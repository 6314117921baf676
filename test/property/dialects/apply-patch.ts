import type { PatchOperation } from "#core/json-patch.ts";

/** Applies a JSON Patch as RFC 6902 has it, as far as objects go. Throws where a path is not there. */
export function applyPatch(document: unknown, patch: readonly PatchOperation[]): unknown {
  let root = structuredClone(document);
  for (const operation of patch) {
    const keys = operation.path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop();
    if (last === undefined) {
      if (operation.op === "remove") throw new Error("The document cannot be removed.");
      root = structuredClone(operation.value);
      continue;
    }
    let parent = root as Record<string, unknown>;
    for (const key of keys) {
      if (!Object.hasOwn(parent, key)) throw new Error(`${operation.path} is not there.`);
      parent = parent[key] as Record<string, unknown>;
    }
    if (operation.op !== "add" && !Object.hasOwn(parent, last))
      throw new Error(`${operation.path} is not there.`);
    if (operation.op === "remove") delete parent[last];
    else
      Object.defineProperty(parent, last, {
        value: structuredClone(operation.value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return root;
}
