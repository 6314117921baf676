import { isSpineError, SpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { LetterBox } from "#ports/letter-box.ts";
import type { CommitScan, WaysBack } from "#ports/ways-back.ts";
import { loadSession } from "../load-session.ts";
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
import { listed, listLetters } from "./list-letters.ts";
import type { SessionStores } from "./look-up.ts";
import { masked } from "./masked.ts";
import type { OperatorReplies, OperatorRequest, ShownLetter } from "./operator-protocol.ts";

export interface OperatorPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly filing: Filing;
  readonly redrive: (name: LetterName, body: string) => Promise<Redriven>;
  readonly waysBack: WaysBack;
  readonly scan: CommitScan;
}

/** Letters that one request sends: it must end within seconds. */
const UNPARKED_AT_ONCE = 25;

/** Does what an operator asks. */
export function createOperator(
  ports: OperatorPorts,
): (request: OperatorRequest) => Promise<OperatorReplies[OperatorRequest["op"]]> {
  const { stores, box, filing, redrive, waysBack, scan } = ports;

  const find = async (letter: string) => {
    const keys = await box.list(letterPrefix(letter), Object.keys(Mark).length);
    const found = keys.map(readMarkKey);
    const [first] = found;
    if (first === undefined)
      throw new SpineError("input.malformed", `There is no letter ${letter}. Copy its name from the list.`);
    return { name: first.name, marks: new Set(found.map(({ mark }) => mark)) };
  };

  const bodyOf = async (name: LetterName): Promise<string> => (await box.get(markKey(name, Mark.body))) ?? "";

  const show = async (letter: string): Promise<ShownLetter> => {
    const { name, marks } = await find(letter);
    const notes: [string, Json][] = [];
    for (const mark of marks) {
      const note = mark === Mark.body ? undefined : await box.get(markKey(name, mark));
      if (note !== undefined) notes.push([mark, JSON.parse(note) as Json]); // written by createFiling
    }
    return { ...listed(name, marks), body: masked(await bodyOf(name)), notes: Object.fromEntries(notes) };
  };

  const sendBack = async (name: LetterName): Promise<Redriven> => {
    const as = await redrive(name, await bodyOf(name));
    if (as === "expired") await filing.mark(name, Mark.expired, {});
    else await filing.mark(name, Mark.redriven, { as });
    await box.remove(parkedKey(name));
    return as;
  };

  const unpark = async (
    tenant: string,
    session: string,
    after?: string,
  ): Promise<OperatorReplies["unpark"]> => {
    const key = parseSessionKey({ tenant, session });
    const parked = await box.list(parkedPrefix(key), UNPARKED_AT_ONCE, after);
    // Throws as every door does, as long as nobody can decide on them.
    if (parked.length === 0) await loadSession(stores, key);
    const became = { sent: [] as string[], left: [] as string[], expired: [] as string[] };
    const { sent, left, expired } = became;
    // One after another: they go back in the order in which they arrived.
    for (const name of parked.map(readParkedKey)) became[await goBack(name)].push(name.letter);
    const last = parked.length === UNPARKED_AT_ONCE ? parked.at(-1) : undefined;
    const gone = expired.length > 0 ? { expired } : {};
    return { sent, left, ...gone, ...(last !== undefined && { after: last }) };
  };

  const goBack = async (name: LetterName): Promise<"sent" | "left" | "expired"> => {
    try {
      return (await sendBack(name)) === "expired" ? "expired" : "sent";
    } catch (error) {
      if (isSpineError(error, "input.rejected")) return "left";
      throw error;
    }
  };

  return async (request) => {
    switch (request.op) {
      case "list":
        return listLetters(box, request.day, request.after);
      case "show":
        return show(request.letter);
      case "redrive":
        return { as: await sendBack((await find(request.letter)).name) };
      case "discard": {
        const { name } = await find(request.letter);
        await filing.mark(name, Mark.discarded, { reason: request.reason });
        await box.remove(parkedKey(name));
        return {};
      }
      case "unpark":
        return unpark(request.tenant, request.session, request.after);
      case "republish": {
        const { places, after } = await scan.since(request.since, request.after);
        await waysBack.toRelay(places.map((place) => ({ ...place, again: true })));
        return { commits: places.length, ...(after !== undefined && { after }) };
      }
    }
  };
}
