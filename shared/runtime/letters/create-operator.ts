import { isSpineError, SpineError } from "#core/errors.ts";
import { parseSessionKey, sessionKeyText } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { CommitScan, WaysBack } from "#ports/queues.ts";
import { loadSession } from "../session/load-session.ts";
import type { Redriven } from "./create-redrive.ts";
import type { Filing } from "./filing.ts";
import {
  letterPrefix,
  Mark,
  markKey,
  parkedKey,
  parkedPrefix,
  readMarkKey,
  readParkedKey,
  type LetterName,
} from "./letter-name.ts";
import { listed, listLetters, type LetterPage } from "./list-letters.ts";
import type { SessionStores } from "./look-up.ts";
import { concerns, identityOf, type KnownOperator } from "./known-operator.ts";
import { masked } from "./masked.ts";
import type { OperatorReplies, OperatorRequest, ShownLetter } from "./operator-protocol.ts";

export interface OperatorPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly filing: Filing;
  readonly redrive: (name: LetterName, body: string, by?: string) => Promise<Redriven>;
  readonly waysBack: WaysBack;
  readonly scan: CommitScan;
}

/** Letters that one request sends: it must end within seconds. */
const UNPARKED_AT_ONCE = 25;

/** Who asks, and why, as it stands in what becomes of letters. */
type Signed = KnownOperator & { readonly reason: string };

const noteOf = (signed: Signed) => ({ ...identityOf(signed), reason: signed.reason });

/**
 * Does what an operator asks, as far as it is of the operator's tenant: what belongs to another is told like what is not there. Who
 * asked and why stands in each letter that moved.
 */
export function createOperator(
  ports: OperatorPorts,
): (request: OperatorRequest, who: KnownOperator) => Promise<OperatorReplies[OperatorRequest["op"]]> {
  const { stores, box, filing, redrive, waysBack, scan } = ports;

  const find = async (letter: string, who: KnownOperator) => {
    const keys = await box.list(letterPrefix(letter), Object.keys(Mark).length);
    const found = keys.map(readMarkKey);
    const [first] = found;
    if (first === undefined || !concerns(who, first.name.key))
      throw new SpineError(
        "input.malformed",
        `No dead letter is named ${letter}. Copy its name from the list.`,
      );
    return { name: first.name, marks: new Set(found.map(({ mark }) => mark)) };
  };

  const bodyOf = async (name: LetterName): Promise<string> => (await box.get(markKey(name, Mark.body))) ?? "";

  const list = async (day: string, after: string | undefined, who: KnownOperator): Promise<LetterPage> => {
    const page = await listLetters(box, day, after);
    return { ...page, letters: page.letters.filter(({ session }) => concerns(who, session)) };
  };

  const show = async (letter: string, who: KnownOperator): Promise<ShownLetter> => {
    const { name, marks } = await find(letter, who);
    const notes: [string, Json][] = [];
    for (const mark of marks) {
      const note = mark === Mark.body ? undefined : await box.get(markKey(name, mark));
      if (note !== undefined) notes.push([mark, JSON.parse(note) as Json]); // written by createFiling
    }
    return { ...listed(name, marks), body: masked(await bodyOf(name)), notes: Object.fromEntries(notes) };
  };

  const sendBack = async (name: LetterName, signed: Signed): Promise<Redriven> => {
    const as = await redrive(name, await bodyOf(name), signed.person ?? signed.source);
    if (as === "expired") await filing.mark(name, Mark.expired, noteOf(signed));
    else await filing.mark(name, Mark.redriven, { as, ...noteOf(signed) });
    await box.remove(parkedKey(name));
    return as;
  };

  const unpark = async (
    { tenant, session, after }: Extract<OperatorRequest, { op: "unpark" }>,
    signed: Signed,
  ): Promise<OperatorReplies["unpark"]> => {
    const key = parseSessionKey({ tenant, session });
    if (!concerns(signed, key))
      throw new SpineError("session.unknown", `Session ${sessionKeyText(key)} does not exist.`);
    const parked = await box.list(parkedPrefix(key), UNPARKED_AT_ONCE, after);
    // Throws as every door does, as long as nobody can decide on them.
    if (parked.length === 0) await loadSession(stores, key);
    const became = { sent: [] as string[], left: [] as string[], expired: [] as string[] };
    const { sent, left, expired } = became;
    // One after another: they go back in the order in which they arrived.
    for (const name of parked.map(readParkedKey)) became[await goBack(name, signed)].push(name.letter);
    const last = parked.length === UNPARKED_AT_ONCE ? parked.at(-1) : undefined;
    const gone = expired.length > 0 ? { expired } : {};
    return { sent, left, ...gone, ...(last !== undefined && { after: last }) };
  };

  const goBack = async (name: LetterName, signed: Signed): Promise<"sent" | "left" | "expired"> => {
    try {
      return (await sendBack(name, signed)) === "expired" ? "expired" : "sent";
    } catch (error) {
      if (isSpineError(error, "input.rejected")) return "left";
      throw error;
    }
  };

  return async (request, who) => {
    switch (request.op) {
      case "list":
        return list(request.day, request.after, who);
      case "show":
        return show(request.letter, who);
      case "redrive": {
        const { name } = await find(request.letter, who);
        return { as: await sendBack(name, { ...who, reason: request.reason }) };
      }
      case "discard": {
        const { name } = await find(request.letter, who);
        await filing.mark(name, Mark.discarded, noteOf({ ...who, reason: request.reason }));
        await box.remove(parkedKey(name));
        return {};
      }
      case "unpark":
        return unpark(request, { ...who, reason: request.reason });
      case "republish": {
        const { refs, after } = await scan.since(request.since, request.after);
        const own = refs.filter((ref) => concerns(who, ref));
        await waysBack.toRelay(own.map((ref) => ({ ...ref, again: true })));
        return { commits: own.length, ...(after !== undefined && { after }) };
      }
      case "rebuild-index": {
        const { refs, after } = await scan.since(0, request.after);
        const own = refs.filter((ref) => ref.first === 1 && concerns(who, ref));
        await waysBack.toRelay(own.map((ref) => ({ ...ref, left: ["index"], again: true })));
        return { sessions: own.length, ...(after !== undefined && { after }) };
      }
    }
  };
}
