/** An attribute as DynamoDB's JSON carries it, binary values as bytes or in base64. */
type Attribute = object;
export type WireItem = Readonly<Record<string, Attribute>>;

const KB = 1_024;
/** A unit writes 1 KB; a consistent read takes one a 4 KB. An empty answer costs one as well. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / KB));
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);

/** Bytes of an item as DynamoDB counts them: names and values, in UTF-8. */
export const itemBytes = (item: WireItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

/** Numbers take about a byte for two digits and one more; what holds values takes three bytes and one for each. */
function valueBytes(attribute: Attribute): number {
  const [[type, value] = ["NULL", true]] = Object.entries(attribute) as [string, unknown][];
  if (type === "S") return Buffer.byteLength(String(value));
  if (type === "N") return Math.ceil(String(value).length / 2) + 1;
  if (type === "B")
    return value instanceof Uint8Array ? value.length : Buffer.from(String(value), "base64").length;
  if (type === "M") return 3 + itemBytes(value as WireItem) + Object.keys(value as WireItem).length;
  if (type === "L")
    return 3 + (value as readonly Attribute[]).reduce((sum, each) => sum + valueBytes(each) + 1, 0);
  return 1;
}
