/** An event of a stream of Server-Sent Events, or what its reader is told. */
export interface SseFrame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  /** How long to wait before the stream is opened again, ms. */
  readonly retryMs?: number;
}

/** Reads the frames of a stream, however its text is cut; comments, and a frame that is not whole when it ends, are left out. */
export async function* sseFrames(parts: AsyncIterable<string>): AsyncGenerator<SseFrame, void> {
  let text = "";
  for await (const part of parts) {
    text += part;
    // A part may end between the two characters of one end of a line.
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const frames = whole.split(/\r\n\r\n|\n\n|\r\r/);
    text = (frames.pop() ?? "") + text.slice(whole.length);
    for (const frame of frames) {
      const read = frameOf(frame);
      if (Object.keys(read).length > 0) yield read;
    }
  }
}

function frameOf(text: string): SseFrame {
  const data: string[] = [];
  const frame: { id?: string; event?: string; retryMs?: number } = {};
  for (const line of text.split(/\r\n|\n|\r/)) {
    const at = line.indexOf(":");
    const field = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "id" || field === "event") frame[field] = value;
    else if (field === "retry" && /^\d+$/.test(value)) frame.retryMs = Number(value);
  }
  return data.length === 0 ? frame : { ...frame, data: data.join("\n") };
}
