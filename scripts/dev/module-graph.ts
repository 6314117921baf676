/** The modules of an application, with what each imports. A module is a path; a version is 0 until it, or what it imports, has changed. */
export interface ModuleGraph {
  /** A module asks for another one, which may not exist. */
  imports(importer: string, file: string): void;
  /** A module is read, and its text hashed; what it imported before no longer counts. */
  loaded(file: string, hash: string): void;
  versionOf(file: string): number;
  /** All modules that were asked for. */
  files(): readonly string[];
  /** Gives modules that have changed, and all that import them, a new version; tells which have changed. Empty: none has. */
  renew(hashOf: (file: string) => string | undefined): readonly string[];
}

/** Keeps which modules an application consists of, so that only those are loaded anew that a change concerns. */
export function createModuleGraph(): ModuleGraph {
  const importsOf = new Map<string, Set<string>>();
  const hashes = new Map<string, string | undefined>();
  const versions = new Map<string, number>();

  const know = (file: string): void => {
    if (!hashes.has(file)) hashes.set(file, undefined);
  };

  const withImporters = (changed: readonly string[]): ReadonlySet<string> => {
    const stale = new Set(changed);
    for (let before = -1; before < stale.size;) {
      before = stale.size;
      for (const [importer, imported] of importsOf)
        if ([...imported].some((file) => stale.has(file))) stale.add(importer);
    }
    return stale;
  };

  return {
    imports(importer, file) {
      know(importer);
      know(file);
      const imported = importsOf.get(importer) ?? new Set<string>();
      imported.add(file);
      importsOf.set(importer, imported);
    },
    loaded(file, hash) {
      importsOf.delete(file);
      hashes.set(file, hash);
    },
    versionOf: (file) => versions.get(file) ?? 0,
    files: () => [...hashes.keys()],
    renew(hashOf) {
      const changed = [...hashes].flatMap(([file, known]) => (hashOf(file) === known ? [] : [file]));
      for (const file of changed) hashes.set(file, hashOf(file));
      for (const file of withImporters(changed)) versions.set(file, (versions.get(file) ?? 0) + 1);
      return changed;
    },
  };
}
