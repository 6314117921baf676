/** What is wrong with a log, and where. */
export interface Finding {
  readonly type: "gap" | "duplicate" | "lost";
  readonly session: string;
  readonly text: string;
}
