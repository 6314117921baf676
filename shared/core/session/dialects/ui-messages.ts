import type { JsonObject } from "../../json.ts";
import type { Words } from "./dialect-words.ts";
import type { Ending, Said, Told } from "./told.ts";
import type { Tale, Telling } from "./tell-event.ts";

/** A chunk of the AI SDK's UI message stream: `type` and its fields. */
export type UiMessageChunk = JsonObject;

/** What a response says that carries such chunks. */
export const UI_MESSAGE_HEADERS = { "x-vercel-ai-ui-message-stream": "v1" } as const;
/** What is written after the last chunk of a message. */
export const UI_MESSAGE_DONE = "[DONE]";

/**
 * What is told, as chunks of the AI SDK's UI message stream: one assistant message about one run. What the log tells stands before the
 * message's last step boundary, and what agents are saying at the moment behind it: it is taken away (`reset-step`) before anything else
 * is told, and said again after that. So whoever resumes has the same message in the end. The boundary comes last of what an event leads
 * to: a reader that is cut before it has nothing of the event that stays.
 */
export function toUiMessages({ told, telling }: Tale, before: Telling): Words<UiMessageChunk> {
  const begun = told.flatMap((one) => (one.type === "opened" ? startOf(one) : []));
  const lasting = told.flatMap(lastingOf);
  const closed = told.flatMap((one) => (one.type === "closed" ? endOf(one.ending) : []));
  const isReset = lasting.length > 0 || told.some(({ type }) => type === "text-dropped");
  if (!isReset) return { lasting: [...begun, ...told.flatMap(liveOf), ...closed], again: [] };
  return {
    lasting: [
      ...begun,
      ...(before.said.length > 0 ? [{ type: "reset-step" }] : []),
      ...lasting,
      ...closed,
      ...(lasting.length > 0 ? [{ type: "start-step" }] : []),
    ],
    again: telling.said.flatMap((one) => [textStart(one), textDelta(one, one.text)]),
  };
}

/** Its reader may have seen a part of what follows, whether or not it knows the message. */
function startOf({ shown, state }: Extract<Told, { type: "opened" }>): readonly UiMessageChunk[] {
  const messageMetadata = {
    session: state.session,
    run: shown.id,
    ...(shown.flow !== undefined && { flow: shown.flow }),
  };
  return [{ type: "start", messageId: shown.id, messageMetadata }, { type: "reset-step" }];
}

/** What the log tells. Parts with the same type and id replace one another. */
function lastingOf(told: Told): readonly UiMessageChunk[] {
  switch (told.type) {
    case "step-opened":
    case "step-ended": {
      const { run, step, kind, agent } = told.at;
      const status = told.type === "step-ended" ? told.ending : "open";
      const data = { run, step, kind, ...(agent !== undefined && { agent }), status };
      return [{ type: "data-step", id: `${run}/${step}`, data }];
    }
    case "question-opened":
      return [{ type: "data-question", id: told.question.ask, data: { ...told.question } }];
    case "question-closed":
      return [{ type: "data-question-closed", id: told.ask, data: { ask: told.ask } }];
    case "text-finished": {
      const { task, attempt, agent, text } = told;
      const said = { task, attempt, agent, text };
      return [textStart(said), textDelta(said, text), { type: "text-end", id: idOf(said) }];
    }
    case "replied":
      return repliedOf(told);
    case "run-began":
      return [{ type: "data-run", id: told.run, data: { run: told.run, how: "open" } }];
    case "run-ended":
      return [{ type: "data-run", id: told.run, data: { run: told.run, how: told.how } }];
    default:
      return [];
  }
}

function repliedOf({ sequence, to, body, text, failed }: Extract<Told, { type: "replied" }>) {
  const id = `reply-${sequence}`;
  const words = [
    { type: "text-start", id },
    { type: "text-delta", id, delta: text ?? "" },
    { type: "text-end", id },
  ];
  return [
    ...(text === undefined ? [] : words),
    { type: "data-reply", id, data: { to, body, ...(failed && { failed }) } },
  ];
}

function liveOf(told: Told): readonly UiMessageChunk[] {
  if (told.type === "text-said")
    return [...(told.begins ? [textStart(told.said)] : []), textDelta(told.said, told.delta)];
  if (told.type !== "progressed") return [];
  const { text: _, ...record } = told.record;
  return [{ type: "data-progress", id: record.task, data: { ...record }, transient: true }];
}

const idOf = ({ task, attempt }: Said): string => `${task}/${attempt}`;
const textStart = (said: Said): UiMessageChunk => ({
  type: "text-start",
  id: idOf(said),
  providerMetadata: { "event-spine": { task: said.task, agent: said.agent } },
});
const textDelta = (said: Said, delta: string): UiMessageChunk => ({
  type: "text-delta",
  id: idOf(said),
  delta,
});

const FINISH_REASON = {
  completed: "stop",
  failed: "error",
  cancelled: "other",
  asked: "other",
  "goes-on": "other",
} as const;

/** `finishReason` has no word for a question: the metadata say what became of the run. */
function endOf(ending: Ending): readonly UiMessageChunk[] {
  const { how } = ending;
  const finish = { type: "finish", finishReason: FINISH_REASON[how], messageMetadata: { outcome: how } };
  return how === "failed" ? [{ type: "error", errorText: ending.error.message }, finish] : [finish];
}
