import { IndexAttribute } from "#aws/names.ts";
import type { WireItem } from "./units.ts";

/** Behind an operation on the table of sessions' rows. */
export const OF_ROW = " of a row";

const LISTS = [IndexAttribute.byState, IndexAttribute.byFlow, IndexAttribute.byProblem];
const listsIn = (item: WireItem): readonly string[] => LISTS.filter((name) => name in item);

/** Whether a request's body is on a session's row, whose sort key is a text; the log's is a number. */
export const isOfRow = (body: Buffer): boolean => /"sk":\{"S":"(?:row|flow\/)/.test(body.toString());

/**
 * Counts what the indexes of the table write for its items: an entry that is new, or goes, takes a unit, and one that moves two, as every
 * entry does whose row has another time.
 */
export class IndexWrites {
  readonly #known = new Map<string, readonly string[]>();

  unitsOf(item: WireItem): number {
    const name = JSON.stringify([item["pk"], item["sk"]]);
    const before = this.#known.get(name) ?? [];
    const now = listsIn(item);
    this.#known.set(name, now);
    return before.length + now.length;
  }
}
