/** A table of documents with versions, as conditional writes see them. */
export class Table<Doc> {
  readonly #rows = new Map<string, { readonly doc: Doc; readonly version: number }>();

  get(key: string): { readonly doc: Doc; readonly version: number } | undefined {
    return this.#rows.get(key);
  }

  /** The last write wins. */
  put(key: string, doc: Doc): void {
    this.#rows.set(key, { doc, version: (this.#rows.get(key)?.version ?? 0) + 1 });
  }

  /** Writes only over the version that was read; 0 for none. */
  putIf(key: string, doc: Doc, version: number): boolean {
    if ((this.#rows.get(key)?.version ?? 0) !== version) return false;
    this.#rows.set(key, { doc, version: version + 1 });
    return true;
  }
}
