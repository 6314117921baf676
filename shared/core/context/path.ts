/** Keys of a dotted path, outermost first. The empty path is the whole document. */
export function splitPath(path: string): readonly string[] {
  return path === "" ? [] : path.split(".");
}

/** The path of a key inside the value at `path`. */
export function childPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** True when `path` lies below `ancestor`, on a dot boundary: "a.b" is below "a", "ab" is not. */
export function isBelow(path: string, ancestor: string): boolean {
  if (ancestor === "") return path !== "";
  // 46 is the dot; looking at it first refuses most pairs without comparing texts.
  return (
    path.length > ancestor.length && path.charCodeAt(ancestor.length) === 46 && path.startsWith(ancestor)
  );
}

/** True when a change of one is a change of the other: they are equal, or one is above the other. */
export function pathsOverlap(a: string, b: string): boolean {
  return a === b || isBelow(a, b) || isBelow(b, a);
}
