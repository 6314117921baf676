import type { DialectName } from "./dialect-names.ts";
import { toAgUi } from "./ag-ui.ts";
import type { Words } from "./dialect-words.ts";
import type { Tale, Telling } from "./tell-event.ts";
import { toUiMessages, UI_MESSAGE_DONE, UI_MESSAGE_HEADERS } from "./ui-messages.ts";

/** Words of a protocol for what streams tell. */
export interface Dialect {
  /** What a response says beside its content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param before what had been told before */
  say(tale: Tale, before: Telling): Words;
  /** What is written when what a stream is about is over. @default nothing */
  readonly done?: string;
}

/** The words of each. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "ag-ui": { headers: {}, say: ({ told }) => ({ lasting: toAgUi(told), again: [] }) },
  "ui-messages": { headers: UI_MESSAGE_HEADERS, say: toUiMessages, done: UI_MESSAGE_DONE },
};

/** Whether a tale is the last of its stream. */
export const endsStream = ({ told }: Tale): boolean => told.at(-1)?.type === "closed";
