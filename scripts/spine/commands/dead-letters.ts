import type { LetterState } from "#runtime/letters/list-letters.ts";
import { defineCommand, type CommandContext } from "../command.ts";
import { findLetters, letterLine, type LetterFilter } from "#client/letters.ts";
import { createOperate, type Operate } from "#client/operate.ts";
import { readReason, readWhole } from "../read-values.ts";
import { UsageError } from "#client/usage-error.ts";

/** SQS keeps a message no longer, so older letters have been seen. */
const DAYS = 14;
const STATES: readonly LetterState[] = [
  "kept",
  "recorded",
  "expired",
  "parked",
  "lost",
  "redriven",
  "discarded",
];
const ACTIONS = ["list", "show", "redrive", "discard"] as const;
const WHY_AGAIN = "Say what was repaired.";
const WHY_CLOSED = "Say why nothing is left to do.";
type Action = (typeof ACTIONS)[number];

/** Dead letters: what became of each, and what an operator can do about it. */
export const deadLetters = defineCommand({
  name: "dead-letters",
  usage:
    "list | show LETTER | redrive [LETTER] --reason TEXT | discard LETTER --reason TEXT [--date DAY | --days N] [--queue Q] [--session S] [--state STATE]",
  about:
    "lists dead letters, newest first; shows one; redrives one, or all that match, through the coordinator; discards one",
  positionals: { required: ["list, show, redrive or discard"], more: 1 },
  options: {
    date: { type: "string" },
    days: { type: "string" },
    queue: { type: "string" },
    session: { type: "string" },
    state: { type: "string" },
    reason: { type: "string" },
  },
  prepare({ date, days, queue, session, state, reason }, [word = "", letter]) {
    const action = readAction(word);
    const filter: LetterFilter = {
      date: readDate(date),
      days: days === undefined ? DAYS : readWhole("--days", days),
      queue,
      session,
      state: readState(state),
    };
    const isFiltered = [date, days, queue, session, state].some((value) => value !== undefined);
    const why = () => readReason(reason, action === "redrive" ? WHY_AGAIN : WHY_CLOSED);
    if (action === "list") return (context) => list(context, filter);
    if (action === "redrive" && letter === undefined && isFiltered) {
      const given = why();
      return (context) => redriveAll(context, filter, given);
    }
    if (letter === undefined) throw new UsageError(`LETTER: is missing. Copy it from dead-letters list.`);
    if (isFiltered) throw new UsageError(`LETTER: cannot be combined with a filter. Give one of the two.`);
    if (action === "show") return (context) => show(context, letter);
    const given = why();
    if (action === "redrive")
      return ({ target, print }) => redrive(createOperate(target), letter, given, print);
    return async ({ target, print }) => {
      await createOperate(target)({ op: "discard", letter, reason: given });
      print(`${letter} is discarded; its body is kept for the rest of its 45 days.`);
    };
  },
});

async function list({ target, print }: CommandContext, filter: LetterFilter): Promise<void> {
  let found = 0;
  for await (const letter of findLetters(createOperate(target), filter, Date.now())) {
    print(letterLine(letter));
    found += 1;
  }
  if (found === 0) print(`No dead letter${filter.date === undefined ? ` in ${filter.days} days` : ""}.`);
}

async function show({ target, print }: CommandContext, letter: string): Promise<void> {
  const { body, notes, ...rest } = await createOperate(target)({ op: "show", letter });
  print(letterLine(rest));
  for (const [mark, note] of Object.entries(notes)) print(`${mark}: ${JSON.stringify(note)}`);
  print(typeof body === "string" ? body : JSON.stringify(body, undefined, 2));
}

async function redriveAll(
  { target, print, stopped }: CommandContext,
  filter: LetterFilter,
  reason: string,
): Promise<void> {
  const operate = createOperate(target);
  const letters: string[] = [];
  for await (const { letter } of findLetters(operate, filter, Date.now())) letters.push(letter);
  // Oldest first: what one producer sent goes back in its order.
  for (const letter of letters.toReversed()) {
    if (stopped.aborted) break;
    await redrive(operate, letter, reason, print);
  }
  if (letters.length === 0) print("No dead letter matches.");
}

async function redrive(
  operate: Operate,
  letter: string,
  reason: string,
  print: (text: string) => void,
): Promise<void> {
  const { as } = await operate({ op: "redrive", letter, reason });
  print(
    as === "expired"
      ? `${letter} is closed: retention has expired its session.`
      : `${letter} was redriven as ${WENT_BACK[as]}.`,
  );
}

const WENT_BACK = {
  input: "the same input",
  answer: "the same answer",
  deadline: "the same deadline",
  commit: "a commit to relay",
  intake: "an event of spine-in",
  letter: "a letter to its session, which has not recorded it",
  command: "a command: the session decides whether to retry its task",
} as const;

function readAction(word: string): Action {
  const action = ACTIONS.find((one) => one === word);
  if (action !== undefined) return action;
  throw new UsageError(`"${word}": unknown action. Use one of ${ACTIONS.join(", ")}.`);
}

function readState(text: string | undefined): LetterState | undefined {
  const state = STATES.find((one) => one === text);
  if (text === undefined || state !== undefined) return state;
  throw new UsageError(`--state: unknown state "${text}". Use one of ${STATES.join(", ")}.`);
}

function readDate(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new UsageError(`--date: "${text}" is not a day. Give one such as 2026-11-22 (UTC).`);
}
