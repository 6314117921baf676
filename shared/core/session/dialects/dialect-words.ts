import type { JsonObject } from "../../json.ts";

/** What is said of an event or a record. */
export interface Words<Frame extends JsonObject = JsonObject> {
  /** A reader has it when it has the last of these. */
  readonly lasting: readonly Frame[];
  /** What had been said before, and has to be said again after that. */
  readonly again: readonly Frame[];
}
