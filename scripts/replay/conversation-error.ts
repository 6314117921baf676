/** What can be wrong with a folder of conversations. */
export const ConversationErrorCode = {
  dirMissing: "replay.dirMissing",
  noDialogues: "replay.noDialogues",
  noSchema: "replay.noSchema",
  badJson: "replay.badJson",
  badShape: "replay.badShape",
  unknownService: "replay.unknownService",
  unknownIntent: "replay.unknownIntent",
  unknownSlot: "replay.unknownSlot",
  sameName: "replay.sameName",
  badName: "replay.badName",
} as const;
export type ConversationErrorCode = (typeof ConversationErrorCode)[keyof typeof ConversationErrorCode];

/** Match by `code`; the message names file, field, problem and repair. */
export interface ConversationError extends Error {
  readonly code: ConversationErrorCode;
}

export interface Complaint {
  readonly code: ConversationErrorCode;
  readonly file: string;
  /** Where in the file's JSON; empty when the file as a whole is meant. */
  readonly path?: readonly PropertyKey[];
  readonly problem: string;
  readonly repair: string;
  readonly cause?: unknown;
}

export function conversationError(complaint: Complaint): ConversationError {
  const { code, file, path = [], problem, repair, cause } = complaint;
  const place = path.length === 0 ? file : `${file}: ${jsonPath(path)}`;
  const error = new Error(`${place}: ${problem}. ${repair}.`, cause === undefined ? {} : { cause });
  return Object.assign(error, { code });
}

export function isConversationError(thrown: unknown): thrown is ConversationError {
  const codes: readonly unknown[] = Object.values(ConversationErrorCode);
  return thrown instanceof Error && "code" in thrown && codes.includes(thrown.code);
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
}
