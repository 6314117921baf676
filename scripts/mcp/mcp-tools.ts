import { randomUUID } from "node:crypto";
import * as z from "zod";
import { boundedText } from "#core/problems.ts";
import type { JsonObject } from "#core/json.ts";
import type { SpineClient } from "#client/client.ts";
import { findLetters } from "#client/letters.ts";
import { createOperate } from "#client/operate.ts";
import type { Target } from "#client/reaching.ts";

/** What a tool works with. */
export interface ToolContext {
  readonly client: SpineClient;
  readonly target: Target;
}

/** Something that an assistant may ask for. */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** It changes something at the spine: offered only where that is allowed. */
  readonly writes: boolean;
  readonly input: z.ZodObject;
  /** Texts are given as they are, anything else as JSON. */
  run(context: ToolContext, given: unknown): Promise<unknown>;
}

interface ToolDefinition<Input extends z.ZodObject> extends Omit<McpTool, "input" | "writes" | "run"> {
  readonly writes?: boolean;
  readonly input: Input;
  run(context: ToolContext, given: z.output<Input>): Promise<unknown>;
}

const tool = <Input extends z.ZodObject>(definition: ToolDefinition<Input>): McpTool => ({
  writes: false,
  ...definition,
  run: (context, given) => definition.run(context, definition.input.parse(given)),
});

const MAX_LINES = 200;
const MAX_ROWS = 50;
const LETTER_DAYS = 14;
const session = z.string().describe("The session's name.");
const json = z.json().describe("Any JSON.");

const listSessions = tool({
  name: "list_sessions",
  title: "List sessions",
  description:
    "Lists sessions, the newest first: state, flows, what each waits for, its problem, tokens and money. With problem `any` only those in trouble.",
  input: z.object({
    state: z
      .string()
      .optional()
      .describe("running, waiting, asking, idle, stopped or ended; several with commas."),
    flow: z.string().optional(),
    problem: z.string().optional().describe("A kind of problem, or any."),
    filter: z.string().optional().describe("A condition over a row, in CEL, such as tokens > 1000."),
    limit: z.int().min(1).max(MAX_ROWS).optional(),
    cursor: z.string().optional().describe("`next` of the page before."),
  }),
  run: ({ client }, query) => client.sessions(given(query)),
});

const showSession = tool({
  name: "show_session",
  title: "Show a session",
  description:
    "Tells what happened in a session, a line an event, and where it stands: status, context, runs, open questions. Event numbers are what the other tools name.",
  input: z.object({
    session,
    at: z.int().min(1).optional().describe("As of this event; the newest by default."),
    skip: z
      .int()
      .min(0)
      .optional()
      .describe(`Leaves out the first lines of the timeline; at most ${MAX_LINES} are told at once.`),
  }),
  async run({ client }, { session: name, at, skip = 0 }) {
    // The flows' conditions come with it, which takes longer to load than all else.
    const { timeline } = await import("#client/narration/timeline.ts");
    const state = await client.state(name, at);
    const logged = await client.eventsAfter(name, 0);
    const lines = timeline(
      logged.filter(({ event }) => event.sequence <= state.sequence),
      { colours: false },
    );
    const end = skip + MAX_LINES;
    const { asks } = await client.explanation(name);
    return {
      status: state.status,
      sequence: state.sequence,
      timeline: lines.slice(skip, end),
      ...(end < lines.length && { more: `Ask again with skip: ${end}.` }),
      context: state.context,
      runs: state.runs,
      questions: asks,
    };
  },
});

const explainDecision = tool({
  name: "explain_decision",
  title: "Explain a decision",
  description:
    "Says why the spine did what it did at an event: the ways there were, the conditions with their values, who wrote each value, and what made an answer stale.",
  input: z.object({ session, sequence: z.int().min(1).describe("Any event that the decision led to.") }),
  run: ({ client }, { session: name, sequence }) => client.decision(name, sequence),
});

const compareView = tool({
  name: "show_view",
  title: "Show what an agent saw",
  description: "Shows what an attempt of a task saw, beside what is true now, and who changed it since.",
  input: z.object({
    session,
    task: z.string().describe("The task's id, as events name it."),
    attempt: z.int().min(1).optional(),
  }),
  run: ({ client }, { session: name, task, attempt }) => client.view(name, task, attempt),
});

const listQuestions = tool({
  name: "list_questions",
  title: "List open questions",
  description:
    "Lists the questions to people that are open over all sessions, those that close first at the beginning.",
  input: z.object({ cursor: z.string().optional() }),
  run: ({ client }, { cursor }) => client.questions(cursor),
});

const listLetters = tool({
  name: "list_dead_letters",
  title: "List dead letters",
  description: `Lists the dead letters of the last ${LETTER_DAYS} days, the newest first, ${MAX_ROWS} at most.`,
  input: z.object({
    days: z.int().min(1).max(LETTER_DAYS).optional(),
    session: z.string().optional(),
    queue: z.string().optional(),
  }),
  async run({ target }, { days = LETTER_DAYS, session: name, queue }) {
    const letters = [];
    const filter = { date: undefined, days, queue, session: name, state: undefined };
    for await (const letter of findLetters(createOperate(target), filter, Date.now())) {
      letters.push(letter);
      if (letters.length === MAX_ROWS) break;
    }
    return { letters };
  },
});

const forkInput = z.object({
  session: session.describe("The origin."),
  as: z.string().describe("The new session's name."),
  at: z.int().min(1).optional().describe("The event as of which it begins; the newest by default."),
  set: z.record(z.string(), z.json()).optional().describe("Other values, by path, such as input.text."),
  answer: z
    .object({ ask: z.string(), value: json })
    .optional()
    .describe("An answer to a question open then."),
  flow: z.string().optional().describe("A flow whose runs begin anew under it."),
});

const forkOf = ({ as, session: _, set, ...rest }: z.output<typeof forkInput>) => ({
  session: as,
  ...given(rest),
  ...(set !== undefined && { set: set as JsonObject }), // a record of JSON
});

const previewFork = tool({
  name: "preview_fork",
  title: "Preview a fork",
  description:
    "Says what a fork would reuse of the origin, what would run anew and what that may cost. It changes nothing.",
  input: forkInput,
  run: ({ client }, fork) => client.fork(fork.session, { ...forkOf(fork), preview: true }),
});

const forkSession = tool({
  name: "fork_session",
  title: "Fork a session",
  description:
    "Begins a new session with what another one had as of an event, with other values if you like. Agents run anew where they would see something else, which costs tokens; effects of the origin are not repeated.",
  writes: true,
  input: forkInput,
  run: ({ client }, fork) => client.fork(fork.session, forkOf(fork)),
});

const answerQuestion = tool({
  name: "answer_question",
  title: "Answer a question",
  description:
    "Answers an open question to a person. Only with an answer that a person gave you: it counts as theirs.",
  writes: true,
  input: z.object({
    session,
    ask: z.string().describe("The question's id, as list_questions gives it."),
    value: json,
    id: z.string().optional().describe("The same again if you repeat a call."),
  }),
  run: ({ client }, { session: name, ask, value, id = `${ask}/${randomUUID()}` }) =>
    client.answer(name, ask, { id, value }),
});

const redriveLetter = tool({
  name: "redrive_dead_letter",
  title: "Redrive a dead letter",
  description: "Sends a dead letter once more, through the coordinator, when its cause was repaired.",
  writes: true,
  input: z.object({
    letter: z.string().describe("As list_dead_letters gives it."),
    reason: z.string().min(1).describe("What was repaired; it is recorded."),
  }),
  run: ({ target }, { letter, reason }) => createOperate(target)({ op: "redrive", letter, reason }),
});

/** All tools, those that only read first. */
export const MCP_TOOLS: readonly McpTool[] = [
  listSessions,
  showSession,
  explainDecision,
  compareView,
  listQuestions,
  listLetters,
  previewFork,
  forkSession,
  answerQuestion,
  redriveLetter,
];

type Given<Values> = { readonly [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** What of some values was given. */
const given = <Values extends object>(values: Values): Given<Values> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;

/** Characters of an answer: what is longer would fill an assistant's context. */
const MAX_CHARACTERS = 60_000;

/** An answer as text. */
export const toolText = (answer: unknown): string => {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer, undefined, 1);
  if (text.length <= MAX_CHARACTERS) return text;
  return `${boundedText(text, MAX_CHARACTERS)}\n\nThis was ${text.length} characters; ask for less.`;
};
