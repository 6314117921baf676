/** The dialects that streams speak beside their own, by what readers ask for. */
export const DIALECT_NAMES = ["ag-ui", "ui-messages"] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];
