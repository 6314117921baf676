export interface ChainLink<T> {
  readonly owner: T;
  previous: ChainLink<T> | undefined;
  next: ChainLink<T> | undefined;
}

export function chainLink<T>(owner: T): ChainLink<T> {
  return { owner, previous: undefined, next: undefined };
}

/** A doubly linked list: append at the end, remove anywhere, both in O(1). */
export class Chain<T> {
  head: ChainLink<T> | undefined;
  #tail: ChainLink<T> | undefined;

  append(link: ChainLink<T>): void {
    link.previous = this.#tail;
    if (this.#tail === undefined) this.head = link;
    else this.#tail.next = link;
    this.#tail = link;
  }

  remove(link: ChainLink<T>): void {
    if (link.previous === undefined) this.head = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#tail = link.previous;
    else link.next.previous = link.previous;
    link.previous = undefined;
    link.next = undefined;
  }
}
