import { recordIn } from "./asked-rights.ts";
import type { Item } from "./table-stream.ts";

const COLLECTION_BYTES = 3;
const ELEMENT_BYTES = 1;

/** An item's size as DynamoDB reckons it: names and values, in bytes. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes(attribute: unknown): number {
  const [[type, value] = []] = Object.entries(recordIn(attribute));
  switch (type) {
    case "S":
      return Buffer.byteLength(String(value));
    case "N":
      return numberBytes(String(value));
    case "B":
      return Buffer.byteLength(String(value), "base64");
    case "SS":
    case "NS":
    case "BS":
      return list(value).reduce<number>((sum, each) => sum + valueBytes({ [type.slice(0, 1)]: each }), 0);
    case "L":
      return list(value).reduce<number>(
        (sum, each) => sum + ELEMENT_BYTES + valueBytes(each),
        COLLECTION_BYTES,
      );
    case "M":
      return (
        COLLECTION_BYTES + itemBytes(recordIn(value)) + ELEMENT_BYTES * Object.keys(recordIn(value)).length
      );
    default:
      return 1;
  }
}

/** Two digits a byte, without zeros at either end, and one more. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/e.*$/i, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
