/** An entry of a heap: smallest `key` first, `tie` decides between equal keys. */
export interface HeapNode<T> {
  readonly owner: T;
  key: number;
  tie: number;
  /** Where the node is in its heap; -1 when it is in none. A node is in one heap at most. */
  slot: number;
}

export function heapNode<T>(owner: T, key: number, tie: number): HeapNode<T> {
  return { owner, key, tie, slot: -1 };
}

const before = <T>(a: HeapNode<T>, b: HeapNode<T>): boolean =>
  a.key < b.key || (a.key === b.key && a.tie < b.tie);

/** A binary heap whose nodes know their slot, so that any of them can be removed in O(log n). */
export class IndexedHeap<T> {
  readonly #nodes: HeapNode<T>[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  peek(): HeapNode<T> | undefined {
    return this.#nodes[0];
  }

  /** The owner at a slot: slot 0 is the smallest, the others are in heap order. */
  at(slot: number): T | undefined {
    return this.#nodes[slot]?.owner;
  }

  push(node: HeapNode<T>): void {
    this.#nodes.push(node);
    this.#up(node, this.#nodes.length - 1);
  }

  remove(node: HeapNode<T>): void {
    const slot = node.slot;
    const last = this.#nodes.pop();
    node.slot = -1;
    if (last === undefined || last === node) return;
    this.#sift(last, slot);
  }

  /** Puts a node whose key has changed where it now belongs. */
  update(node: HeapNode<T>): void {
    this.#sift(node, node.slot);
  }

  #sift(node: HeapNode<T>, slot: number): void {
    const parent = this.#nodes[(slot - 1) >> 1];
    if (slot > 0 && parent !== undefined && before(node, parent)) this.#up(node, slot);
    else this.#down(node, slot);
  }

  #up(node: HeapNode<T>, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = this.#nodes[above];
      if (parent === undefined || !before(node, parent)) break;
      this.#put(parent, slot);
      slot = above;
    }
    this.#put(node, slot);
  }

  #down(node: HeapNode<T>, from: number): void {
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      let smaller = this.#nodes[child];
      if (smaller === undefined) break;
      const right = this.#nodes[child + 1];
      if (right !== undefined && before(right, smaller)) {
        smaller = right;
        child += 1;
      }
      if (!before(smaller, node)) break;
      this.#put(smaller, slot);
      slot = child;
    }
    this.#put(node, slot);
  }

  #put(node: HeapNode<T>, slot: number): void {
    this.#nodes[slot] = node;
    node.slot = slot;
  }
}
