/**
 * Reads a session as chat messages: the dialect `ui-messages` of a spine's stream, by one request after another. Runs in browsers and in
 * Node as it is.
 */

/** A message, as its chunks make it: `{ id, metadata, parts }`. A text that is not `done` may be begun anew by the next stream. */
export const newMessage = (id, metadata) => ({ id, metadata, parts: [] });

/** Applies a chunk to the messages so far; `start` says which of them is meant from then on. Gives the message that it changed. */
export function applyChunk(messages, current, chunk) {
  if (chunk.type === "start") {
    let message = messages.find(({ id }) => id === chunk.messageId);
    if (message === undefined) messages.push((message = newMessage(chunk.messageId)));
    message.metadata = { ...message.metadata, ...chunk.messageMetadata };
    return message;
  }
  if (current !== undefined) applyTo(current, chunk);
  return current;
}

function applyTo(message, chunk) {
  const { parts } = message;
  const { type, id } = chunk;
  const open = () =>
    parts.findLast((part) => part.type === "text" && part.id === id && part.state !== "done");
  switch (type) {
    case "start-step":
      parts.push({ type: "step-start" });
      return;
    case "reset-step":
      parts.splice(parts.findLastIndex((part) => part.type === "step-start") + 1);
      return;
    case "text-start":
      parts.push({
        type: "text",
        id,
        text: "",
        state: "streaming",
        agent: chunk.providerMetadata?.["event-spine"]?.agent,
      });
      return;
    case "text-delta":
      open().text += chunk.delta;
      return;
    case "text-end":
      open().state = "done";
      return;
    case "error":
      message.error = chunk.errorText;
      return;
    case "finish":
      message.metadata = { ...message.metadata, ...chunk.messageMetadata };
      return;
    default: {
      if (!type.startsWith("data-") || chunk.transient) return;
      const known = parts.find((part) => part.type === type && part.id === id);
      if (known === undefined) parts.push({ type, id, data: chunk.data });
      else known.data = chunk.data;
    }
  }
}

/** The frames of a stream of Server-Sent Events, however its text is cut: `{ id, data }`. */
export async function* framesOf(parts) {
  let text = "";
  for await (const part of parts) {
    text += part;
    const frames = text.split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      const field = (name) =>
        frame
          .split("\n")
          .filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2))
          .at(-1);
      yield { id: field("id"), data: field("data") };
    }
  }
}

/**
 * Reads what comes after an event of a session, over as many streams as it takes, until the run that answers is over or asks a person.
 * @param open opens a stream: `(after) => Promise<AsyncIterable<string>>`. What it throws ends the reading; a stream that is cut is resumed.
 * @param onChange is told of every change
 * @returns the sequence to go on from
 */
export async function readTurn({
  messages,
  after,
  open,
  onChange = () => undefined,
  pause = () => undefined,
}) {
  let last = after;
  for (;;) {
    let current;
    const stream = await open(last);
    try {
      for await (const { id, data } of framesOf(stream)) {
        if (data === "[DONE]") return last;
        if (data !== undefined) {
          current = applyChunk(messages, current, JSON.parse(data));
          onChange(messages);
        }
        // Only when all that the event says has come.
        if (id !== undefined) last = Number(id);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await pause();
  }
}

/** The questions of a message that nobody has answered yet, in time. */
export const openQuestionsOf = ({ parts }) =>
  parts
    .filter(({ type }) => type === "data-question")
    .filter(({ id }) => !parts.some((part) => part.type === "data-question-closed" && part.id === id))
    .map(({ data }) => data);
