import { Chain, chainLink, type ChainLink } from "./chain.ts";
import { chosen, type DeliveryOrder, type Chooser } from "./delivery-order.ts";
import { heapNode, IndexedHeap, type HeapNode } from "./heap.ts";
import type { MessageState, StoredMessage } from "./message.ts";
import { SearchWindow } from "./search-window.ts";

/** One message group. Its messages keep their places from arrival to removal, in flight or not. */
export class MessageGroup {
  readonly id: string;
  readonly messages = new Chain<StoredMessage>();
  readonly place: HeapNode<MessageGroup>;
  inFlight = 0;

  constructor(id: string) {
    this.id = id;
    this.place = heapNode<MessageGroup>(this, 0, 0);
  }
}

/**
 * Order within a group; a group with anything in flight is closed, also for its earlier messages that are visible
 * again. A receive empties one group as far as it can before it mixes in the next. What stands behind the first so many messages of the queue,
 * those in flight among them, is not looked at: a backlog of closed groups hides whatever came after it.
 */
export class FifoOrder implements DeliveryOrder {
  readonly #groups = new Map<string, MessageGroup>();
  /** Groups that are open and whose first message is visible, by that message's age. */
  readonly #ready = new IndexedHeap<MessageGroup>();
  readonly #pick: Chooser;
  readonly #window: SearchWindow;

  constructor(pick: Chooser, window: number) {
    this.#pick = pick;
    this.#window = new SearchWindow(window);
  }

  add(message: StoredMessage): void {
    this.#window.add(message);
    const id = message.content.groupId ?? "";
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new MessageGroup(id);
      this.#groups.set(id, group);
    }
    message.group = group;
    message.inGroup = chainLink(message);
    group.messages.append(message.inGroup);
    this.#refresh(group);
  }

  changed(message: StoredMessage, from: MessageState): void {
    const group = message.group;
    if (group === undefined || from === message.state) return;
    if (from === "inFlight") group.inFlight -= 1;
    if (message.state === "inFlight") group.inFlight += 1;
    this.#refresh(group);
  }

  remove(message: StoredMessage): void {
    this.#window.remove(message);
    const { group, inGroup } = message;
    if (group === undefined || inGroup === undefined) return;
    if (message.state === "inFlight") group.inFlight -= 1;
    group.messages.remove(inGroup);
    if (group.messages.head === undefined) this.#groups.delete(group.id);
    this.#refresh(group);
  }

  oldest(): StoredMessage | undefined {
    return this.#ready.peek()?.owner.messages.head?.owner;
  }

  take(max: number, offer: (message: StoredMessage) => boolean): void {
    let taken = 0;
    while (taken < max) {
      let link = this.#choose()?.messages.head;
      if (link === undefined || !this.#window.has(link.owner)) return;
      while (link !== undefined && this.#mayGo(link.owner) && taken < max) {
        // An offered message may be gone afterwards, and its link with it.
        const next: ChainLink<StoredMessage> | undefined = link.next;
        if (offer(link.owner)) taken += 1;
        link = next;
      }
    }
  }

  /** One that the choice falls on; where that begins behind the window, the oldest. */
  #choose(): MessageGroup | undefined {
    const group = chosen(this.#pick, this.#ready.size, (slot) => this.#ready.at(slot));
    const head = group?.messages.head?.owner;
    return head === undefined || this.#window.has(head) ? group : this.#ready.peek()?.owner;
  }

  #mayGo(message: StoredMessage): boolean {
    return message.state === "visible" && this.#window.has(message);
  }

  #refresh(group: MessageGroup): void {
    const head = group.messages.head?.owner;
    const place = group.place;
    if (group.inFlight > 0 || head?.state !== "visible") {
      if (place.slot >= 0) this.#ready.remove(place);
      return;
    }
    if (place.slot >= 0 && place.key === head.serial) return;
    place.key = head.serial;
    if (place.slot >= 0) this.#ready.update(place);
    else this.#ready.push(place);
  }
}
