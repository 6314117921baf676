import { isSpineError, messageOf, SpineError } from "#core/errors.ts";

// SQLite's primary result codes: the low byte of `errcode`.
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Runs an action on a database file and reports its failures in the spine's words. */
export function onFile<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw translated(file, error);
  }
}

function translated(file: string, error: unknown): unknown {
  if (isSpineError(error) || !(error instanceof Error) || !("code" in error)) return error;
  // A closed database is the only invalid state that callers can bring about.
  if (error.code !== "ERR_SQLITE_ERROR" && error.code !== "ERR_INVALID_STATE") return error;
  const options = { details: { file }, cause: error };
  const result = "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
  switch (result) {
    case SQLITE_BUSY: {
      const text = `The session log ${file} is in use by another process. Stop that process, or use another file.`;
      return new SpineError("log.unavailable", text, { ...options, retryable: true });
    }
    case SQLITE_NOTADB:
      return new SpineError(
        "log.corrupt",
        `${file} is not a session log: it is not an SQLite file.`,
        options,
      );
    case SQLITE_CORRUPT:
      return new SpineError(
        "log.corrupt",
        `The session log ${file} is damaged: ${messageOf(error)}.`,
        options,
      );
    default: {
      const text = `The session log ${file} cannot be used: ${messageOf(error)}.`;
      return new SpineError("log.unavailable", text, { ...options, retryable: true });
    }
  }
}
