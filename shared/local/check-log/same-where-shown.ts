import { isDeepStrictEqual } from "node:util";

/** Whether a logged value is the one that was sent, as far as it can be read: a sealed or erased one says nothing of itself. */
export function sameWhereShown(logged: unknown, sent: unknown): boolean {
  if (isSealed(logged)) return true;
  if (Array.isArray(logged) && Array.isArray(sent))
    return logged.length === sent.length && logged.every((one, at) => sameWhereShown(one, sent[at]));
  if (!isRecord(logged) || !isRecord(sent)) return isDeepStrictEqual(logged, sent);
  const names = Object.keys(logged);
  return (
    names.length === Object.keys(sent).length &&
    names.every((name) => Object.hasOwn(sent, name) && sameWhereShown(logged[name], sent[name]))
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSealed = (value: unknown): boolean =>
  isRecord(value) &&
  Object.keys(value).length === 1 &&
  (typeof value["$sealed"] === "string" || value["$erased"] === true);
